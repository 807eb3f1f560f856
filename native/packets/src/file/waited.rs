//! What may be silent for as long as it likes, as pipes, terminals and devices may.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{sync_channel, Receiver, RecvTimeoutError, SyncSender};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 17;
/// How often whoever waits for something looks whether reading is to stop.
const TICK: Duration = Duration::from_millis(50);

/// It is opened and read on a thread of its own, so that whoever reads it can be told to stop: that thread is not
/// waited for. It ends with the process, or when something comes that nobody wants any more.
pub struct Waited {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Cursor<Vec<u8>>,
    stop: Arc<AtomicBool>,
}

impl Waited {
    /// Open it and read; a FIFO is not open before somebody writes to it.
    pub fn new(open: impl FnOnce() -> io::Result<File> + Send + 'static, stop: Arc<AtomicBool>) -> io::Result<Waited> {
        let (to, chunks) = sync_channel(1);
        thread::Builder::new().name("input".to_string()).spawn(move || hand_on(open(), &to))?;
        Ok(Waited { chunks, chunk: Cursor::default(), stop })
    }
}

impl Read for Waited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.chunk.read(buffer)?;
            if count > 0 || buffer.is_empty() || self.stop.load(Ordering::Relaxed) {
                return Ok(count);
            }
            match self.chunks.recv_timeout(TICK) {
                Ok(chunk) => self.chunk = Cursor::new(chunk?),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
    }
}

/// Read to the end, or until nobody takes it.
fn hand_on(opened: io::Result<File>, to: &SyncSender<io::Result<Vec<u8>>>) {
    let mut file = match opened {
        Ok(file) => file,
        Err(error) => return drop(to.send(Err(error))),
    };
    loop {
        let mut chunk = vec![0; CHUNK];
        let read = match file.read(&mut chunk) {
            Ok(0) => return,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read,
        };
        let goes_on = read.is_ok();
        chunk.truncate(*read.as_ref().unwrap_or(&0));
        if to.send(read.map(|_| chunk)).is_err() || !goes_on {
            return;
        }
    }
}
