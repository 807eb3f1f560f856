//! Where bytes come from: a plain file, or what can be read from its beginning to its end only.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

const GZIP: [u8; 2] = [0x1f, 0x8b]; // RFC 1952
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd]; // RFC 8878
/// The largest window a zstd file may ask for: 2^27 bytes, what `zstd -d` allows without being told.
const ZSTD_WINDOW_LOG: u32 = 27;

/// Bytes of a capture, decompressed.
pub enum Source {
    Plain(Plain),
    Stream(Stream),
}

/// A file that is not compressed: several threads can read parts of it at once.
pub struct Plain {
    place: Place,
    /// When it was opened; what is appended later is not read.
    pub length: u64,
    count: Arc<AtomicU64>,
}

enum Place {
    File(File),
    Memory(Vec<u8>),
}

/// A pipe, or what is compressed.
pub struct Stream {
    stream: Box<dyn Read + Send>,
    /// Whether what has arrived should be looked at before the buffer is full.
    prompt: bool,
}

/// Counts what is read from the disk, for progress.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Source {
    /// Open a file; `-` is the standard input.
    pub fn open(path: &Path, count: Arc<AtomicU64>) -> io::Result<Source> {
        if path.as_os_str() == "-" {
            return Stream::new(io::stdin(), true, count).map(Source::Stream);
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        // Files of /proc say that they are empty, and are not.
        if !metadata.is_file() || metadata.len() == 0 {
            return Stream::new(file, !metadata.is_file(), count).map(Source::Stream);
        }
        let mut begin = [0; 4];
        let known = fill(&mut begin, |rest, at| file.read_at(rest, at as u64))?;
        if is_compressed(begin.get(..known).unwrap_or(&[])) {
            return Stream::new(file, false, count).map(Source::Stream);
        }
        Ok(Source::Plain(Plain { place: Place::File(file), length: metadata.len(), count }))
    }

    /// A capture that is in memory.
    pub fn memory(bytes: Vec<u8>, count: Arc<AtomicU64>) -> io::Result<Source> {
        if bytes.is_empty() || is_compressed(&bytes) {
            return Stream::new(Cursor::new(bytes), false, count).map(Source::Stream);
        }
        let length = bytes.len() as u64;
        Ok(Source::Plain(Plain { place: Place::Memory(bytes), length, count }))
    }

    /// Fill the buffer with what comes next; `offset` says where that is. Says how far it is filled.
    pub fn read(&mut self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self {
            Source::Plain(plain) => plain.read_at(buffer, offset),
            Source::Stream(stream) => stream.fill(buffer),
        }
    }

    /// Whether what has arrived should be looked at before more is waited for.
    pub fn is_prompt(&self) -> bool {
        matches!(self, Source::Stream(Stream { prompt: true, .. }))
    }
}

fn is_compressed(begin: &[u8]) -> bool {
    begin.starts_with(&GZIP) || begin.starts_with(&ZSTD)
}

impl Plain {
    /// Fill the buffer with what is at this offset, as far as there is something; say how far.
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let count = self.look_at(buffer, offset)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    /// The same, of what will be read again.
    pub fn look_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match &self.place {
            Place::File(file) => fill(buffer, |rest, at| file.read_at(rest, offset.saturating_add(at as u64))),
            Place::Memory(bytes) => {
                let begin = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                bytes.get(begin..).unwrap_or(&[]).read(buffer)
            }
        }
    }
}

impl Stream {
    fn new(stream: impl Read + Send + 'static, prompt: bool, count: Arc<AtomicU64>) -> io::Result<Stream> {
        let mut stream = Counted { inner: stream, count };
        let mut begin = Vec::with_capacity(4);
        (&mut stream).take(4).read_to_end(&mut begin)?;
        let compressed = is_compressed(&begin);
        let is_gzip = begin.starts_with(&GZIP);
        let whole: Chain<Cursor<Vec<u8>>, _> = Cursor::new(begin).chain(stream);
        if !compressed {
            return Ok(Stream { stream: Box::new(whole), prompt });
        }
        let stream: Box<dyn Read + Send> = if is_gzip {
            Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 16, whole)))
        } else {
            let mut decoder = zstd::stream::read::Decoder::new(whole)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            Box::new(decoder)
        };
        Ok(Stream { stream, prompt })
    }

    /// Fill the buffer as far as there is something to read; say how far.
    pub fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (stream, prompt) = (&mut self.stream, self.prompt);
        let mut enough = false;
        fill(buffer, |rest, _| {
            if enough {
                return Ok(0);
            }
            let count = stream.read(rest)?;
            enough = prompt;
            Ok(count)
        })
    }
}

/// Read into the buffer, again and again, until it is full or nothing comes; say how much there is.
fn fill(buffer: &mut [u8], mut read: impl FnMut(&mut [u8], usize) -> io::Result<usize>) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match read(rest, filled) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // What was read before the error must not be lost: the next call says it again.
            Err(_) if filled > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
