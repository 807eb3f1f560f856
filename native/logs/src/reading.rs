//! Files and segments, read to their end into batches.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use whence_packets::Source;

use crate::columns::{Batch, Columns};
use crate::counts::Counts;
use crate::document::{self, document, Shape};
use crate::encoding::{narrow, Text};
use crate::envelope::Envelope;
use crate::lines::{without_end, Lines, LONGEST};
use crate::parser::{Around, Parser};
use crate::row::Row;
use crate::spool::{Record, Spool, Step, GAP};
use crate::time::Zone;

/// Rows of a batch: few enough to stay in the cache of a processor.
const BATCH_ROWS: usize = 1 << 15;
const BATCH_BYTES: usize = 16 << 20;
/// Bytes of the name of a file that its lines have as their peer: the last ones.
const LONGEST_PEER: usize = 255;
/// Lines at the beginning of a file that may be its head.
const MOST_OF_HEAD: usize = 32;

/// What the bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    Spool,
}

/// What to read, and how.
#[derive(Clone, Debug)]
pub struct Options {
    pub files: Vec<PathBuf>,
    pub form: Form,
    /// Offset in the first file.
    pub start: u64,
    /// Microseconds since 1970: the latest moment that a time without a year can mean.
    pub now: i64,
    /// Of times that do not say it.
    pub zone: Zone,
    /// The same of some sources: a file by its path, or a host by its name in the lines.
    pub zones: Vec<(String, Zone)>,
    pub keep_original: bool,
    /// Rows at most; 0: all.
    pub most_rows: u64,
    /// What stands in `peer` of a file's lines, in place of the file's name.
    pub peer: String,
    /// Ids and wordings of templates from before.
    pub templates: Vec<(String, String)>,
}

/// How far the reading has come; it can be asked, and stopped, from any thread.
#[derive(Debug, Default)]
pub struct Progress {
    pub bytes: Arc<AtomicU64>,
    pub lines: AtomicU64,
    pub stop: Arc<AtomicBool>,
}

/// A place where a file is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    pub file: PathBuf,
    pub offset: u64,
    pub reason: String,
}

/// What was read, and what was not.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub rows: u64,
    /// Of lines, as they were received.
    pub bytes: u64,
    /// Lines that were longer than is kept.
    pub cut: u64,
    /// Lines that were not UTF-8.
    pub not_text: u64,
    /// Lines without a time.
    pub without_time: u64,
    /// Lines with a time that says no zone; of those whose heads are known, what was said by the last that was read.
    pub zone_assumed: u64,
    /// Lines about which something is doubtful.
    pub unsure: u64,
    /// What the receiver said it lost.
    pub gaps: Vec<(u64, i64, String)>,
    pub damage: Vec<Damage>,
    /// Position behind the last row: where to go on.
    pub next: u64,
    /// Whether everything was read.
    pub complete: bool,
    /// Lines whose wording is one too many.
    pub wordings_left_out: u64,
}

/// What is known of a line before it is read.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// Why it is not what was written.
    doubt: &'static str,
    /// The time of the lines before.
    latest: Option<i64>,
    keeps: bool,
}

impl Told {
    /// Add it to what was read of the line.
    #[inline]
    fn complete(&self, row: &mut Row<'_>, today: i64) -> Taken {
        if !self.doubt.is_empty() {
            row.unsure = self.doubt;
        }
        row.received = row.came(today, self.latest);
        Taken { time: row.time.and(row.received), unsure: !row.unsure.is_empty() }
    }
}

/// What is known of it afterwards.
#[derive(Clone, Copy, Debug)]
struct Taken {
    /// When it came; none where it says no time.
    time: Option<i64>,
    unsure: bool,
}

/// Where lines go.
trait Sink {
    fn is_full(&self) -> bool;
    fn take(
        &mut self,
        parser: &mut Parser,
        line: &[u8],
        around: Around<'_>,
        envelope: &mut Envelope,
        told: Told,
    ) -> Taken;
}

impl Sink for Batch {
    fn is_full(&self) -> bool {
        self.rows() >= BATCH_ROWS || self.text_bytes() >= BATCH_BYTES
    }

    fn take(
        &mut self,
        parser: &mut Parser,
        line: &[u8],
        around: Around<'_>,
        envelope: &mut Envelope,
        told: Told,
    ) -> Taken {
        let mut row =
            if self.is_brief() { parser.brief(line, around, envelope) } else { parser.line(line, around, envelope) };
        let taken = told.complete(&mut row, parser.today);
        self.push(&row, parser.templates.id(row.template), told.keeps.then_some(row.original));
        taken
    }
}

impl Sink for Counts {
    fn is_full(&self) -> bool {
        false
    }

    fn take(
        &mut self,
        parser: &mut Parser,
        line: &[u8],
        around: Around<'_>,
        envelope: &mut Envelope,
        told: Told,
    ) -> Taken {
        Taken { time: self.line(parser, line, around, envelope, told.latest), unsure: false }
    }
}

/// Lines of text that rows become.
#[derive(Debug)]
pub struct Writing {
    shape: Shape,
    text: Vec<u8>,
    /// So many bytes are enough.
    enough: usize,
}

impl Writing {
    pub fn new(shape: Shape) -> Writing {
        Writing { shape, text: Vec::new(), enough: 0 }
    }
}

impl Sink for Writing {
    fn is_full(&self) -> bool {
        self.text.len() >= self.enough
    }

    fn take(
        &mut self,
        parser: &mut Parser,
        line: &[u8],
        around: Around<'_>,
        envelope: &mut Envelope,
        told: Told,
    ) -> Taken {
        let mut row = parser.line(line, around, envelope);
        let taken = told.complete(&mut row, parser.today);
        let template = parser.templates.id(row.template);
        match self.shape {
            Shape::Document => document(&row, template, told.keeps.then_some(row.original), &mut self.text),
            Shape::Table => document::line(&row, template, &mut self.text),
        }
        taken
    }
}

enum Open {
    Text(Box<Lines>),
    Spool(Box<Spool>),
}

/// A reading of files.
pub struct Reading {
    options: Options,
    pub parser: Parser,
    pub progress: Arc<Progress>,
    summary: Summary,
    file: usize,
    open: Option<Open>,
    /// Of the latest line with a time.
    latest: Option<i64>,
    long: Vec<u8>,
    /// Of the last line that has one; kept for its memory.
    envelope: Envelope,
    /// What stands before was read by another, whose knowledge this one has.
    goes_on: bool,
}

/// The line that a record holds, without what ends it.
fn line_of<'a>(record: &Record<'a>) -> Cow<'a, [u8]> {
    match narrow(record.message) {
        Some(narrow) => without_end(&narrow).to_vec().into(),
        None => without_end(record.message).into(),
    }
}

impl Reading {
    pub fn new(options: Options) -> Reading {
        let mut parser = Parser::new(options.now, options.zone.clone());
        parser.zones = options.zones.iter().map(|(source, zone)| (source.as_bytes().into(), zone.clone())).collect();
        // A file may be older than its lines say, where it was copied or unpacked; none is of tomorrow.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        let today = since.and_then(|since| i64::try_from(since.as_micros()).ok());
        parser.today = today.unwrap_or(i64::MAX).max(options.now);
        for (id, wording) in &options.templates {
            parser.templates.learn(id, wording);
        }
        Reading {
            options,
            parser,
            progress: Arc::default(),
            summary: Summary::default(),
            file: 0,
            open: None,
            latest: None,
            long: Vec::new(),
            envelope: Envelope::default(),
            goes_on: false,
        }
    }

    /// Know what another reading came to know, which read what stands before.
    pub fn go_on_after(&mut self, other: &Reading) {
        self.parser.learn_from(&other.parser);
        self.goes_on = true;
    }

    /// Read a text that is in memory, packed or not; `options` name no files.
    pub fn from_bytes(text: Vec<u8>, options: Options) -> io::Result<Reading> {
        let mut reading = Reading::new(options);
        let source = Source::memory(text, reading.progress.bytes.clone())?;
        let lines = Lines::new(Text::new(source)?, reading.options.start)?;
        reading.open = Some(Open::Text(Box::new(lines)));
        Ok(reading)
    }

    pub fn summary(&self) -> Summary {
        Summary { wordings_left_out: self.parser.templates.left_out(), ..self.summary.clone() }
    }

    fn path(&self) -> Option<&Path> {
        self.options.files.get(self.file).map(PathBuf::as_path)
    }

    fn damaged(&mut self, offset: u64, reason: String) {
        let file = self.path().unwrap_or(Path::new("")).to_path_buf();
        self.summary.damage.push(Damage { file, offset, reason });
    }

    /// Have a file open; false where there is none any more.
    fn opened(&mut self) -> bool {
        while self.open.is_none() {
            let Some(path) = self.path().map(Path::to_path_buf) else { return false };
            let start = if self.file == 0 { self.options.start } else { 0 };
            let source = Source::open(&path, self.progress.bytes.clone(), self.progress.stop.clone());
            let opened = source.and_then(|source| match self.options.form {
                Form::Text => Ok(Ok(Open::Text(Box::new(Lines::new(Text::new(source)?, start)?)))),
                Form::Spool => Ok(Spool::new(source, start)?.map(|spool| Open::Spool(Box::new(spool)))),
            });
            match opened {
                Ok(Ok(open)) => {
                    // Of a spool, peers go on in the next segment.
                    if self.options.form == Form::Text {
                        self.parser.forget_headings();
                    }
                    if start > 0 {
                        self.head(&path, start);
                    }
                    let zone = self.parser.zones.get(path.as_os_str().as_encoded_bytes());
                    self.parser.clock.zone = zone.unwrap_or(&self.options.zone).clone();
                    self.open = Some(open);
                }
                Ok(Err(why)) => {
                    self.damaged(0, why.to_string());
                    self.file += 1;
                }
                Err(error) => {
                    self.damaged(0, error.to_string());
                    self.file += 1;
                }
            }
        }
        true
    }

    /// What stands before the place from which a file is read on: how to read what is below.
    fn head(&mut self, path: &Path, start: u64) {
        match self.options.form {
            Form::Text => self.head_of_text(path),
            // If it cannot be read, that is said of what comes then.
            Form::Spool if self.goes_on => {}
            Form::Spool => self.heads_of_segment(path, start).unwrap_or_default(),
        }
    }

    /// The heads that peers wrote before an offset.
    fn heads_of_segment(&mut self, path: &Path, start: u64) -> io::Result<()> {
        let source = Source::open(path, Arc::default(), self.progress.stop.clone())?;
        let Ok(mut spool) = Spool::new(source, 0)? else { return Ok(()) };
        while let Step::Record(record) = spool.next()? {
            if record.offset >= start {
                break;
            }
            if record.kind == GAP {
                self.note(record.message);
            } else {
                self.parser.heed(&line_of(&record), String::from_utf8_lossy(record.peer).as_bytes());
            }
        }
        Ok(())
    }

    /// What the receiver noted down may be the head of a file whose lines come then.
    fn note(&mut self, text: &[u8]) {
        let Ok(note) = serde_json::from_slice::<serde_json::Value>(text) else { return };
        let told = |name: &str| note.get("file")?.get(name);
        let name = told("name").and_then(serde_json::Value::as_str);
        let (Some(name), Some(lines)) = (name, told("heading").and_then(serde_json::Value::as_array)) else { return };
        let from = name.len().saturating_sub(LONGEST_PEER);
        let peer = String::from_utf8_lossy(name.as_bytes().get(from..).unwrap_or_default());
        self.parser.begin_under(peer.as_bytes(), lines.iter().filter_map(serde_json::Value::as_str));
    }

    fn head_of_text(&mut self, path: &Path) {
        let peer = self.peer();
        let begin = || -> io::Result<Lines> {
            let source = Source::open(path, Arc::default(), self.progress.stop.clone())?;
            let mut lines = Lines::new(Text::new(source)?, 0)?;
            lines.ready()?;
            Ok(lines)
        };
        // If it cannot be read, that is said of what comes then.
        let Ok(mut lines) = begin() else { return };
        for _ in 0..MOST_OF_HEAD {
            let Some(line) = lines.next() else { break };
            self.parser.heed(line.bytes, peer.as_bytes());
        }
    }

    /// What stands in `peer` of the lines of the file that is read.
    fn peer(&self) -> String {
        if self.options.peer.is_empty() {
            self.path().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
        } else {
            self.options.peer.clone()
        }
    }

    fn close(&mut self) {
        self.open = None;
        self.file += 1;
    }

    fn is_over(&self) -> bool {
        self.options.most_rows > 0 && self.summary.rows >= self.options.most_rows
    }

    /// The next batch; none at the end.
    pub fn next_batch(&mut self, batch: &mut Batch) -> Option<Result<RecordBatch, ArrowError>> {
        while !batch.is_full() && self.step(batch) {}
        if self.progress.stop.load(Ordering::Relaxed) {
            return Some(Err(ArrowError::ComputeError("interrupted".to_string())));
        }
        self.progress.lines.store(self.summary.rows, Ordering::Relaxed);
        (batch.rows() > 0).then(|| batch.finish())
    }

    /// Read some lines; false where there are none any more, or the reading was stopped.
    fn step(&mut self, sink: &mut impl Sink) -> bool {
        if self.progress.stop.load(Ordering::Relaxed) || self.is_over() {
            return false;
        }
        if !self.opened() {
            self.summary.complete = true;
            return false;
        }
        let Some(mut open) = self.open.take() else { return false };
        let result = match &mut open {
            Open::Text(lines) => self.text(lines, sink),
            Open::Spool(spool) => self.spool(spool, sink),
        };
        let offset = match &open {
            Open::Text(lines) => lines.offset(),
            Open::Spool(spool) => spool.offset(),
        };
        match result {
            Ok(true) => self.open = Some(open),
            Ok(false) => self.close(),
            Err(error) => {
                self.damaged(offset, error.to_string());
                self.close();
            }
        }
        self.progress.lines.store(self.summary.rows, Ordering::Relaxed);
        true
    }

    /// Some lines of a file; false at its end.
    fn text(&mut self, lines: &mut Lines, sink: &mut impl Sink) -> io::Result<bool> {
        let base = (self.file as u64) << 48;
        let peer = self.peer();
        if !lines.ready()? {
            return Ok(false);
        }
        let mut some = false;
        while let Some(line) = lines.next() {
            some = true;
            let around = Around {
                position: base | line.offset,
                peer: peer.as_bytes(),
                size: line.size as u32,
                ..Around::default()
            };
            self.row(line.bytes, line.is_ascii, around, line.size, sink);
            if sink.is_full() || self.is_over() {
                self.summary.next = base | lines.offset();
                return Ok(true);
            }
        }
        if !some {
            let mut long = std::mem::take(&mut self.long);
            let (offset, size) = lines.long(&mut long)?;
            let told = u32::try_from(size).unwrap_or(u32::MAX);
            let around = Around { position: base | offset, peer: peer.as_bytes(), size: told, ..Around::default() };
            self.row(without_end(&long), false, around, size, sink);
            self.long = long;
        }
        self.summary.next = base | lines.offset();
        Ok(true)
    }

    /// Some records of a segment; false at its end.
    fn spool(&mut self, spool: &mut Spool, sink: &mut impl Sink) -> io::Result<bool> {
        let base = spool.number << 32;
        let mut some = 0;
        while !sink.is_full() && !self.is_over() && some < BATCH_ROWS {
            some += 1;
            match spool.next()? {
                Step::Record(record) if record.kind == GAP => {
                    self.note(record.message);
                    let text = String::from_utf8_lossy(record.message).into_owned();
                    if self.summary.gaps.len() < 1000 {
                        self.summary.gaps.push((base | record.offset, record.received, text));
                    }
                }
                Step::Record(record) => {
                    let peer = String::from_utf8_lossy(record.peer);
                    let message = line_of(&record);
                    let size = record.message.len();
                    let around = Around {
                        position: base | record.offset,
                        received: Some(record.received),
                        peer: peer.as_bytes(),
                        size: size as u32,
                    };
                    self.row(&message, false, around, size, sink);
                }
                Step::End => {
                    self.summary.next = base | spool.offset();
                    return Ok(false);
                }
                Step::Damaged(why) => {
                    self.damaged(spool.offset(), why.to_string());
                    self.summary.next = base | spool.offset();
                    return Ok(false);
                }
            }
        }
        self.summary.next = base | spool.offset();
        Ok(true)
    }

    fn row(&mut self, line: &[u8], is_ascii: bool, place: Around<'_>, size: usize, sink: &mut impl Sink) {
        let whole = line.get(..line.len().min(LONGEST)).unwrap_or_default();
        let cut = line.len() > whole.len();
        let mut doubt = if cut { "cut after 1 MiB" } else { "" };
        let latest = self.latest;
        let (parser, envelope, keeps) = (&mut self.parser, &mut self.envelope, self.options.keep_original);
        // Nearly all lines are ASCII, which is quicker to see.
        let text = if is_ascii || whole.is_ascii() { Ok("") } else { std::str::from_utf8(whole) };
        let taken = match text {
            Ok(_) => sink.take(parser, whole, place, envelope, Told { doubt, latest, keeps }),
            Err(_) => {
                // What is cut in the middle of a letter is no fault of the line.
                let text = String::from_utf8_lossy(whole);
                let text = if cut { text.trim_end_matches('\u{fffd}') } else { &text };
                if text.contains('\u{fffd}') {
                    doubt = "not UTF-8";
                    self.summary.not_text += 1;
                }
                sink.take(parser, text.as_bytes(), place, envelope, Told { doubt, latest, keeps })
            }
        };
        self.latest = taken.time.or(latest);
        self.summary.rows += 1;
        self.summary.bytes += size as u64;
        self.summary.cut += u64::from(cut);
        self.summary.without_time += u64::from(taken.time.is_none());
        self.summary.zone_assumed += u64::from(taken.time.is_some() && self.parser.clock.took_zone);
        self.summary.unsure += u64::from(taken.unsure);
    }

    /// Whole lines of text, about so many bytes, or those of a pipe that have arrived; none at the end.
    pub fn next_text(&mut self, writing: &mut Writing, bytes: usize) -> Vec<u8> {
        writing.enough = bytes.max(1);
        while !writing.is_full() && self.step(writing) {
            if self.is_prompt() && !writing.text.is_empty() {
                break;
            }
        }
        std::mem::take(&mut writing.text)
    }

    fn is_prompt(&self) -> bool {
        matches!(&self.open, Some(Open::Text(lines)) if lines.is_prompt())
    }

    /// Read everything, and only count it by hour, host and template; false where it was stopped.
    pub fn count(&mut self, counts: &mut Counts) -> bool {
        while self.step(counts) {}
        self.progress.lines.store(self.summary.rows, Ordering::Relaxed);
        !self.progress.stop.load(Ordering::Relaxed)
    }

    /// A batch for these columns, to be filled.
    pub fn batch(columns: Columns) -> Batch {
        Batch::new(columns)
    }
}
