use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use crate::{search, Answer, Reason, Request, Sought};

const LARGEST: u64 = 1 << 20;

fn look(places: &[PathBuf], sought: &Sought, packed: bool) -> Answer {
    search(&Request { places, sought, packed, largest: LARGEST }, &AtomicBool::new(false))
}

fn names(answer: &Answer, folder: &Path) -> Vec<String> {
    let relative = answer.found.iter().map(|path| path.strip_prefix(folder).unwrap());
    relative.map(|path| path.to_string_lossy().into_owned()).collect()
}

fn address() -> Sought {
    Sought::of(&[&b"10.9.3.77"[..], b"\n\t\x03M"], None).unwrap()
}

#[test]
fn what_holds_it_is_named_in_order() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("b/.hidden")).unwrap();
    fs::write(folder.path().join("b/.hidden/.conf"), "to 10.9.3.77").unwrap();
    fs::write(folder.path().join("b/bytes"), b"\0\n\t\x03M\0").unwrap();
    fs::write(folder.path().join("a"), "10.9.3.77").unwrap();
    fs::write(folder.path().join("c"), "10.9.3.7").unwrap();
    fs::write(folder.path().join(".gitignore"), "a\n").unwrap();
    let answer = look(&[folder.path().into(), folder.path().join("b"), "/no/such".into()], &address(), false);
    assert_eq!(names(&answer, folder.path()), ["a", "b/.hidden/.conf", "b/bytes"]);
    assert_eq!(answer.left_out.iter().count(), 0);
}

#[test]
fn what_stands_where_two_pieces_meet_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    for before in (256 << 10) - 12..=(256 << 10) + 2 {
        let mut data = vec![b' '; before];
        data.extend_from_slice(b"10.9.3.77 and more, of which there is much");
        fs::write(&file, data).unwrap();
        assert_eq!(look(std::slice::from_ref(&file), &address(), false).found, [file.as_path()], "after {before}");
    }
}

#[test]
fn devices_links_and_giants_are_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let _socket = UnixListener::bind(folder.path().join("socket")).unwrap();
    symlink("/dev/zero", folder.path().join("endless")).unwrap();
    symlink(folder.path(), folder.path().join("loop")).unwrap();
    fs::File::create(folder.path().join("giant")).unwrap().set_len(LARGEST + 1).unwrap();
    let mut large = vec![b' '; usize::try_from(LARGEST).unwrap() - 9];
    large.extend_from_slice(b"10.9.3.77");
    fs::write(folder.path().join("large"), large).unwrap();
    let answer = look(&[folder.path().into()], &address(), false);
    assert_eq!(names(&answer, folder.path()), ["large"]);
    let left: Vec<_> =
        answer.left_out.iter().map(|(reason, path, count)| (reason, path.to_path_buf(), count)).collect();
    let giant = (Reason::TooLarge, folder.path().join("giant"), 1);
    assert_eq!(left, [giant, (Reason::NoFile, folder.path().join("socket"), 1)]);
}

#[test]
fn a_place_that_is_a_link_is_what_it_points_to() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("real")).unwrap();
    fs::write(folder.path().join("real/conf"), "10.9.3.77").unwrap();
    symlink("real", folder.path().join("link")).unwrap();
    symlink("real/conf", folder.path().join("file")).unwrap();
    let answer = look(&[folder.path().join("link")], &address(), false);
    assert_eq!(names(&answer, folder.path()), ["link/conf"]);
    assert_eq!(names(&look(&[folder.path().join("file")], &address(), false), folder.path()), ["file"]);
}

#[test]
fn a_file_of_two_names_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one"), "10.9.3.77").unwrap();
    fs::hard_link(folder.path().join("one"), folder.path().join("two")).unwrap();
    assert_eq!(look(&[folder.path().into()], &address(), false).found.len(), 1);
}

#[test]
fn compressed_files_are_named_unread_where_they_are_wanted() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("conf.gz"), "10.9.3.77").unwrap();
    assert_eq!(names(&look(&[folder.path().into()], &address(), true), folder.path()), ["conf.gz"]);
    assert!(look(&[folder.path().into()], &address(), false).found.is_empty());
}

#[test]
fn a_search_that_is_stopped_ends() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("conf"), "10.9.3.77").unwrap();
    let (places, sought) = ([folder.path().into()], address());
    let request = Request { places: &places, sought: &sought, packed: false, largest: LARGEST };
    assert!(search(&request, &AtomicBool::new(true)).found.is_empty());
}

#[test]
fn patterns_are_of_bytes() {
    let sought = Sought::of(&[b"x"; 0], Some(r"\b10\.[0-9.]*/[0-9]")).unwrap();
    assert!(sought.stands_in(b"\xff\xfe allow 10.9.0.0/16"));
    assert!(!sought.stands_in(b"allow 110.9.0.0/16"));
    assert!(Sought::of(&[b"x"; 0], Some("(")).is_err());
}

#[test]
fn any_number_of_literals_is_found() {
    let literals: Vec<Vec<u8>> = (0..1000_u32).map(|number| format!("<{number}>").into_bytes()).collect();
    let sought = Sought::of(&literals, None).unwrap();
    for literal in &literals {
        assert!(sought.stands_in(&[b"some < > text ", &literal[..], b" and more of it"].concat()));
        assert!(sought.stands_in(literal));
    }
    assert!(!sought.stands_in(b"<1000> and <<1 2>"));
}
