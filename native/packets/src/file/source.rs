//! Where bytes come from: a plain file, or what can be read from its beginning to its end only.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;

use super::waited::Waited;

const GZIP: [u8; 2] = [0x1f, 0x8b]; // RFC 1952
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd]; // RFC 8878
const XZ: [u8; 6] = *b"\xfd7zXZ\0"; // tukaani.org/xz/xz-file-format.txt
const BZIP2: [u8; 3] = *b"BZh";
/// The largest window a zstd file may ask for: 2^27 bytes, what `zstd -d` allows without being told.
const ZSTD_WINDOW_LOG: u32 = 27;
/// Memory, in KiB, that an xz file may ask for: a dictionary of 2^27 bytes and what is beside it.
const XZ_MEMORY: u32 = (1 << 17) + (1 << 10);
/// Bytes that tell what a file is.
const BEGINNING: usize = 6;

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
    /// Open a file; `-` is the standard input. What may be silent ends when reading is to `stop`.
    pub fn open(path: &Path, count: Arc<AtomicU64>, stop: Arc<AtomicBool>) -> io::Result<Source> {
        if path.as_os_str() == "-" {
            let input = Waited::new(|| io::stdin().as_fd().try_clone_to_owned().map(File::from), stop)?;
            return Stream::new(input, true, count).map(Source::Stream);
        }
        let kind = path.metadata()?.file_type();
        if !kind.is_file() && !kind.is_dir() {
            let path = path.to_path_buf();
            let input = Waited::new(move || File::open(path), stop)?;
            return Stream::new(input, true, count).map(Source::Stream);
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        // Files of /proc say that they are empty, and are not.
        if metadata.len() == 0 || metadata.is_dir() {
            return Stream::new(file, false, count).map(Source::Stream);
        }
        let mut begin = [0; BEGINNING];
        let known = fill(&mut begin, |rest, at| file.read_at(rest, at as u64))?;
        if packing(begin.get(..known).unwrap_or(&[])).is_some() {
            return Stream::new(file, false, count).map(Source::Stream);
        }
        Ok(Source::Plain(Plain { place: Place::File(file), length: metadata.len(), count }))
    }

    /// A capture that is in memory.
    pub fn memory(bytes: Vec<u8>, count: Arc<AtomicU64>) -> io::Result<Source> {
        if bytes.is_empty() || packing(&bytes).is_some() {
            return Stream::new(Cursor::new(bytes), false, count).map(Source::Stream);
        }
        let length = bytes.len() as u64;
        Ok(Source::Plain(Plain { place: Place::Memory(bytes), length, count }))
    }

    /// The first bytes, as far as they tell what this is; they will be read again. To be asked before anything is read.
    pub fn beginning(&mut self) -> io::Result<Vec<u8>> {
        let mut begin = vec![0; BEGINNING];
        let known = match self {
            Source::Plain(plain) => plain.look_at(&mut begin, 0)?,
            Source::Stream(stream) => stream.fill(&mut begin)?,
        };
        begin.truncate(known);
        if let Source::Stream(stream) = self {
            let rest = std::mem::replace(&mut stream.stream, Box::new(io::empty()));
            stream.stream = Box::new(Cursor::new(begin.clone()).chain(rest));
        }
        Ok(begin)
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

#[derive(Clone, Copy, Debug)]
enum Packing {
    Gzip,
    Zstd,
    Xz,
    Bzip2,
}

/// Is what begins so compressed, in a way that is known here?
pub fn is_packed(begin: &[u8]) -> bool {
    packing(begin).is_some()
}

/// How it is compressed, by its first bytes.
fn packing(begin: &[u8]) -> Option<Packing> {
    if begin.starts_with(&GZIP) {
        Some(Packing::Gzip)
    } else if begin.starts_with(&ZSTD) {
        Some(Packing::Zstd)
    } else if begin.starts_with(&XZ) {
        Some(Packing::Xz)
    } else if begin.starts_with(&BZIP2) {
        // Text may begin so; but for the level, and the first block or the end.
        matches!(begin.get(3..6), Some([b'1'..=b'9', 0x31, 0x41] | [b'1'..=b'9', 0x17, 0x72])).then_some(Packing::Bzip2)
    } else {
        None
    }
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
        let mut begin = Vec::with_capacity(BEGINNING);
        // A pipe is not waited for longer than it must be.
        (&mut stream).take(4).read_to_end(&mut begin)?;
        if begin.starts_with(&BZIP2) || XZ.starts_with(&begin) {
            (&mut stream).take(2).read_to_end(&mut begin)?;
        }
        let packing = packing(&begin);
        let whole: Chain<Cursor<Vec<u8>>, _> = Cursor::new(begin).chain(stream);
        let buffered = |whole| io::BufReader::with_capacity(1 << 16, whole);
        let stream: Box<dyn Read + Send> = match packing {
            None => Box::new(whole),
            Some(Packing::Gzip) => Box::new(flate2::read::MultiGzDecoder::new(buffered(whole))),
            Some(Packing::Zstd) => {
                let mut decoder = zstd::stream::read::Decoder::new(whole)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Box::new(decoder)
            }
            Some(Packing::Xz) => Box::new(lzma_rust2::XzReader::new_mem_limit(buffered(whole), true, XZ_MEMORY)),
            Some(Packing::Bzip2) => Box::new(bzip2::read::MultiBzDecoder::new(buffered(whole))),
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
            let count = stream.read(rest).map_err(in_words)?;
            enough = prompt;
            Ok(count)
        })
    }
}

/// Say of what is packed that it was cut off, which each way of unpacking says in words of its own.
fn in_words(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "it ends in the middle of what is packed"),
        _ => error,
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
