//! Every file below some places, by as many threads as there are cores.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::reading::{Met, Reading};
use crate::{LeftOut, Reason, Sought};

/// What is in them is not to be seen before they are unpacked.
const PACKED: [&str; 5] = ["gz", "xz", "bz2", "zst", "zip"];

/// Where is looked, for what.
pub struct Request<'a> {
    /// Files, and folders with all that is below them; a link among them means what it points to.
    pub places: &'a [PathBuf],
    pub sought: &'a Sought,
    /// Name compressed files, unread; else they are passed over.
    pub packed: bool,
    /// Bytes of the largest file that is read.
    pub largest: u64,
}

/// What came of it, in the order of names.
#[derive(Debug, Default)]
pub struct Answer {
    pub found: Vec<PathBuf>,
    pub left_out: LeftOut,
}

/// Look until all is looked into, or until `stop` is set.
pub fn search(request: &Request<'_>, stop: &AtomicBool) -> Answer {
    let answer = Mutex::new(Answer::default());
    let met = Met::default();
    let mut places = request.places.iter().filter_map(|place| followed(place));
    if let Some(first) = places.next() {
        let mut walk = WalkBuilder::new(first);
        places.for_each(|place| {
            walk.add(place);
        });
        walk.standard_filters(false).same_file_system(true).follow_links(false);
        walk.threads(std::thread::available_parallelism().map_or(1, usize::from));
        walk.build_parallel().run(|| {
            let mut worker = Worker::new(request, &met, &answer);
            Box::new(move |entry| {
                if stop.load(Ordering::Relaxed) {
                    return WalkState::Quit;
                }
                worker.visit(entry)
            })
        });
    }
    let mut answer = answer.into_inner().unwrap_or_else(PoisonError::into_inner);
    answer.found.sort_unstable();
    answer.found.dedup();
    answer
}

/// The place as it is entered, if it is there: of a link to a folder, what it points to, by the name of the link.
fn followed(place: &Path) -> Option<PathBuf> {
    let is_folder = fs::metadata(place).ok()?.is_dir();
    let is_link = fs::symlink_metadata(place).ok()?.is_symlink();
    if is_folder && is_link {
        let mut name = OsString::from(place);
        name.push("/");
        return Some(name.into());
    }
    Some(place.to_path_buf())
}

struct Worker<'a> {
    request: &'a Request<'a>,
    met: &'a Met,
    whole: &'a Mutex<Answer>,
    mine: Answer,
    reading: Reading,
}

impl<'a> Worker<'a> {
    fn new(request: &'a Request<'a>, met: &'a Met, whole: &'a Mutex<Answer>) -> Self {
        Self { request, met, whole, mine: Answer::default(), reading: Reading::new(request.largest) }
    }

    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        let entry = match entry {
            Ok(entry) => entry,
            Err(reason) => {
                self.refused(&reason);
                return WalkState::Continue;
            }
        };
        let Some(kind) = entry.file_type() else { return WalkState::Continue };
        if kind.is_dir() {
            // Two places may be below one another.
            let new = fs::metadata(entry.path()).is_ok_and(|found| self.met.is_new(found.dev(), found.ino()));
            return if new { WalkState::Continue } else { WalkState::Skip };
        }
        if kind.is_file() || (kind.is_symlink() && entry.depth() == 0) {
            self.file(entry.path());
        } else if !kind.is_symlink() {
            self.mine.left_out.add(Reason::NoFile, entry.path());
        }
        WalkState::Continue
    }

    fn file(&mut self, path: &Path) {
        let is_packed = path.extension().is_some_and(|end| PACKED.iter().any(|packed| end == *packed));
        let holds =
            if is_packed { Ok(self.request.packed) } else { self.reading.holds(path, self.request.sought, self.met) };
        match holds {
            Ok(true) => self.mine.found.push(path.to_path_buf()),
            Ok(false) | Err(Reason::Refused(libc::ENOENT)) => {} // it went away just now
            Err(reason) => self.mine.left_out.add(reason, path),
        }
    }

    fn refused(&mut self, reason: &ignore::Error) {
        let number = reason.io_error().and_then(std::io::Error::raw_os_error).unwrap_or(libc::EIO);
        if number != libc::ENOENT {
            self.mine.left_out.add(Reason::Refused(number), path_of(reason).unwrap_or(Path::new("/")));
        }
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        whole.found.append(&mut self.mine.found);
        whole.left_out.merge(std::mem::take(&mut self.mine.left_out));
    }
}

fn path_of(reason: &ignore::Error) -> Option<&Path> {
    match reason {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}
