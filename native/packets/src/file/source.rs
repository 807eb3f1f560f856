//! Where bytes come from: a file or a pipe, compressed or not.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

const GZIP: [u8; 2] = [0x1f, 0x8b]; // RFC 1952
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd]; // RFC 8878
/// The largest window a zstd file may ask for: 2^27 bytes, what `zstd -d` allows without being told.
const ZSTD_WINDOW_LOG: u32 = 27;

/// Bytes of a capture, decompressed.
pub struct Source {
    stream: Box<dyn Read + Send>,
    /// Whether what has arrived should be looked at before the buffer is full.
    pub prompt: bool,
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
            return Source::new(io::stdin(), true, count);
        }
        let file = File::open(path)?;
        let prompt = !file.metadata()?.is_file();
        Source::new(file, prompt, count)
    }

    pub fn new(stream: impl Read + Send + 'static, prompt: bool, count: Arc<AtomicU64>) -> io::Result<Source> {
        let mut stream = Counted { inner: stream, count };
        let mut begin = Vec::with_capacity(4);
        (&mut stream).take(4).read_to_end(&mut begin)?;
        let compressed = begin.starts_with(&GZIP) || begin.starts_with(&ZSTD);
        let is_gzip = begin.starts_with(&GZIP);
        let whole: Chain<Cursor<Vec<u8>>, _> = Cursor::new(begin).chain(stream);
        if !compressed {
            return Ok(Source { stream: Box::new(whole), prompt });
        }
        let stream: Box<dyn Read + Send> = if is_gzip {
            Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 16, whole)))
        } else {
            let mut decoder = zstd::stream::read::Decoder::new(whole)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            Box::new(decoder)
        };
        Ok(Source { stream, prompt })
    }

    /// Fill the buffer as far as there is something to read; say how far.
    pub fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.stream.read(rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // What was read before the error must not be lost: the next call says it again.
                Err(_) if filled > 0 => break,
                Err(error) => return Err(error),
            }
            if self.prompt {
                break;
            }
        }
        Ok(filled)
    }
}
