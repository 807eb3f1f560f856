//! Wordings: the vendor's id where there is one, else mined from what the masked message says.
//!
//! The mining is that of Drain (P. He et al., "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS
//! 2017), done once for each distinct masked message, and with the program as part of the wording. A template's id is
//! made from the wording it began with, so that the same lines give the same ids each time.

use std::cmp::Reverse;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::alike::{is_value, may_vary};
use crate::mask::{mask, ANY};

/// Wordings at most; what comes after is told apart by its program only.
const MOST_WORDINGS: usize = 1 << 14;
/// Distinct masked messages that are remembered.
const MOST_KNOWN: usize = 1 << 16;
/// Bytes of them.
const MOST_BYTES: usize = 32 << 20;
/// Different words at the first and the second place, before they count as one.
const MOST_CHILDREN: u32 = 100;
/// Wordings that differ in words only, before another word at their places is taken for a value.
const MOST_SIMILAR: usize = 8;
/// Words of a message that count.
const MOST_WORDS: usize = 128;

/// A wording that lines have in common.
#[derive(Clone, Debug, Default)]
pub struct Template {
    pub id: String,
    /// `sshd: Failed password for <*> from <*> port <*> ssh2`; of vendors' ids, the id.
    pub wording: String,
    /// Events, with their weight.
    pub count: u64,
}

/// A wording being mined.
#[derive(Clone)]
struct Cluster {
    words: Vec<Box<[u8]>>,
    template: u32,
}

struct Known {
    hash: u64,
    begin: usize,
    length: u32,
    template: u32,
}

#[derive(Clone)]
struct Leaf {
    hash: u64,
    clusters: Vec<u32>,
}

#[derive(Clone)]
struct Branch {
    hash: u64,
    children: u32,
}

/// All wordings of a reading.
pub struct Templates {
    all: Vec<Template>,
    /// Hash of vendor and code, place of both in `all`.
    codes: HashTable<(u64, u32)>,
    known: HashTable<Known>,
    texts: Vec<u8>,
    leaves: HashTable<Leaf>,
    branches: HashTable<Branch>,
    clusters: Vec<Cluster>,
    scratch: Vec<u8>,
    left_out: u64,
}

impl Default for Templates {
    fn default() -> Templates {
        Templates {
            all: Vec::new(),
            codes: HashTable::new(),
            known: HashTable::new(),
            texts: Vec::new(),
            leaves: HashTable::new(),
            branches: HashTable::new(),
            clusters: Vec::new(),
            scratch: Vec::new(),
            left_out: 0,
        }
    }
}

const STATE: FixedState = FixedState::with_seed(0);

fn hash_of(parts: &[&[u8]]) -> u64 {
    let mut hasher = STATE.build_hasher();
    for part in parts {
        hasher.write(part);
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

/// FNV-1a (draft-eastlake-fnv): ids must be the same for ever, whatever the tables are hashed with.
fn lasting(text: &[u8]) -> u64 {
    let hash = text
        .iter()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Templates {
    /// All that were met, in the order in which they came.
    pub fn all(&self) -> &[Template] {
        &self.all
    }

    pub fn id(&self, template: u32) -> &str {
        self.all.get(template as usize).map_or("", |template| &template.id)
    }

    /// Lines that came when there were too many wordings already.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Count events of a template.
    pub fn count(&mut self, template: u32, weight: u32) {
        if let Some(template) = self.all.get_mut(template as usize) {
            template.count += u64::from(weight);
        }
    }

    /// The same wordings; what is only remembered to be quicker is left behind.
    pub fn another(&self) -> Templates {
        Templates {
            all: self.all.clone(),
            codes: self.codes.clone(),
            leaves: self.leaves.clone(),
            branches: self.branches.clone(),
            clusters: self.clusters.clone(),
            left_out: self.left_out,
            ..Templates::default()
        }
    }

    /// Know a wording from before, under its id.
    pub fn learn(&mut self, id: &str, wording: &str) {
        if let Some((vendor, code)) = id.split_once(':') {
            self.coded(vendor, code.as_bytes());
            return;
        }
        let (program, text) = match wording.split_once(": ") {
            Some((program, text)) if !program.contains(' ') => (program.as_bytes(), text),
            _ => (&b""[..], wording),
        };
        let words: Vec<&[u8]> = words(text.as_bytes()).collect();
        let leaf = self.leaf(program, &words);
        self.begin(leaf, id.to_string(), wording.to_string(), &words);
    }

    /// The template of a vendor's id.
    pub fn coded(&mut self, vendor: &str, code: &[u8]) -> u32 {
        let hash = hash_of(&[vendor.as_bytes(), code]);
        let all = &self.all;
        let found = self.codes.find(hash, |(_, at)| {
            all.get(*at as usize).is_some_and(|known| {
                let id = known.id.as_bytes();
                id.len() == vendor.len() + 1 + code.len() && id.starts_with(vendor.as_bytes()) && id.ends_with(code)
            })
        });
        if let Some((_, at)) = found {
            return *at;
        }
        if self.codes.len() >= MOST_WORDINGS {
            self.left_out += 1;
            return self.named(vendor.as_bytes());
        }
        let at = self.all.len() as u32;
        let id = format!("{vendor}:{}", String::from_utf8_lossy(code));
        self.all.push(Template { wording: id.clone(), id, count: 0 });
        self.codes.insert_unique(hash, (hash, at), |(hash, _)| *hash);
        at
    }

    /// The template of a message without an id.
    pub fn mined(&mut self, program: &[u8], message: &[u8]) -> u32 {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        mask(program, &mut scratch);
        let named = scratch.len();
        scratch.push(0);
        mask(message, &mut scratch);
        let hash = hash_of(&[&scratch]);
        let texts = &self.texts;
        let found = self.known.find(hash, |known| {
            known.hash == hash && texts.get(known.begin..known.begin + known.length as usize) == Some(&scratch[..])
        });
        let template = match found {
            Some(known) => known.template,
            None => self.mine(hash, &scratch, named),
        };
        self.scratch = scratch;
        template
    }

    fn mine(&mut self, hash: u64, masked: &[u8], named: usize) -> u32 {
        let program = masked.get(..named).unwrap_or_default();
        let text = masked.get(named + 1..).unwrap_or_default();
        let words: Vec<&[u8]> = words(text).collect();
        let leaf = self.leaf(program, &words);
        let template = match self.nearest(leaf, &words) {
            Some(cluster) => self.widen(cluster, program, &words),
            None if self.all.len() < MOST_WORDINGS => {
                let wording = wording(program, &words);
                let id = format!("{:012x}", lasting(wording.as_bytes()) >> 16);
                self.begin(leaf, id, wording, &words)
            }
            None => {
                self.left_out += 1;
                return self.named(program);
            }
        };
        if self.known.len() >= MOST_KNOWN || self.texts.len() + masked.len() > MOST_BYTES {
            self.known.clear();
            self.texts.clear();
        }
        let known = Known { hash, begin: self.texts.len(), length: masked.len() as u32, template };
        self.texts.extend_from_slice(masked);
        self.known.insert_unique(hash, known, |known| known.hash);
        template
    }

    /// Where messages with the same program, number of words and first two words are.
    fn leaf(&mut self, program: &[u8], words: &[&[u8]]) -> u64 {
        let length = (words.len() as u32).to_le_bytes();
        let mut at = hash_of(&[program, &length]);
        for (place, word) in words.iter().enumerate().take(2) {
            let general = is_named(words, place) || is_value(word);
            let next = hash_of(&[&at.to_le_bytes(), if general { ANY } else { word }]);
            at = if general || self.has_room(at, next) { next } else { hash_of(&[&at.to_le_bytes(), ANY]) };
        }
        at
    }

    /// Is the child known, or may there be another one?
    fn has_room(&mut self, parent: u64, child: u64) -> bool {
        if self.branches.find(child, |branch| branch.hash == child).is_some() {
            return true;
        }
        if let Some(branch) = self.branches.find_mut(parent, |branch| branch.hash == parent) {
            if branch.children >= MOST_CHILDREN {
                return false;
            }
            branch.children += 1;
        } else {
            self.branches.insert_unique(parent, Branch { hash: parent, children: 1 }, |branch| branch.hash);
        }
        self.branches.insert_unique(child, Branch { hash: child, children: 0 }, |branch| branch.hash);
        true
    }

    /// The wording that has most words in common with these, if that are enough, and what differs may be values.
    fn nearest(&self, leaf: u64, words: &[&[u8]]) -> Option<u32> {
        let leaf = self.leaves.find(leaf, |known| known.hash == leaf)?;
        // Drain's threshold: four words in ten.
        let enough = |same: usize| same * 10 >= words.len() * 4;
        let (mut best, mut otherwise, mut similar) = (None, None, 0);
        for &at in &leaf.clusters {
            let Some(cluster) = self.clusters.get(at as usize) else { continue };
            let (mut same, mut open, mut other) = (0, 0, 0);
            for (place, (known, word)) in cluster.words.iter().zip(words).enumerate() {
                if known.as_ref() == *word {
                    same += 1;
                } else if known.as_ref() == ANY {
                    open += 1;
                } else if !may_vary(known, word, previous(words, place), is_named(words, place)) {
                    other += 1;
                }
            }
            if other == 0 && (enough(same) || same + open == words.len()) {
                best = best.max(Some((same, open, Reverse(at))));
            } else if enough(same) {
                otherwise = otherwise.max(Some((same, open, Reverse(at))));
                similar += 1;
            }
        }
        let found = best.or(if similar >= MOST_SIMILAR { otherwise } else { None });
        found.map(|(_, _, Reverse(at))| at)
    }

    fn widen(&mut self, cluster: u32, program: &[u8], words: &[&[u8]]) -> u32 {
        let Some(cluster) = self.clusters.get_mut(cluster as usize) else { return 0 };
        let mut changed = false;
        for (known, word) in cluster.words.iter_mut().zip(words) {
            if known.as_ref() != *word && known.as_ref() != ANY {
                *known = ANY.into();
                changed = true;
            }
        }
        if changed {
            let parts: Vec<&[u8]> = cluster.words.iter().map(AsRef::as_ref).collect();
            if let Some(template) = self.all.get_mut(cluster.template as usize) {
                template.wording = wording(program, &parts);
            }
        }
        cluster.template
    }

    fn begin(&mut self, leaf: u64, id: String, wording: String, words: &[&[u8]]) -> u32 {
        let template = self.all.len() as u32;
        self.all.push(Template { id, wording, count: 0 });
        let cluster = self.clusters.len() as u32;
        self.clusters.push(Cluster { words: words.iter().map(|word| (*word).into()).collect(), template });
        match self.leaves.find_mut(leaf, |known| known.hash == leaf) {
            Some(known) => known.clusters.push(cluster),
            None => {
                let known = Leaf { hash: leaf, clusters: vec![cluster] };
                self.leaves.insert_unique(leaf, known, |known| known.hash);
            }
        }
        template
    }

    /// The template of all other messages of a program; of programs, too, there may be too many.
    fn named(&mut self, program: &[u8]) -> u32 {
        let program = if self.all.len() < 2 * MOST_WORDINGS { program } else { b"" };
        self.coded_without_limit(program)
    }

    fn coded_without_limit(&mut self, program: &[u8]) -> u32 {
        let wording = wording(program, &[ANY]);
        let id = format!("{:012x}", lasting(wording.as_bytes()) >> 16);
        let hash = hash_of(&[id.as_bytes()]);
        let all = &self.all;
        if let Some((_, at)) = self.codes.find(hash, |(_, at)| all.get(*at as usize).is_some_and(|one| one.id == id)) {
            return *at;
        }
        let at = self.all.len() as u32;
        self.all.push(Template { id, wording, count: 0 });
        self.codes.insert_unique(hash, (hash, at), |(hash, _)| *hash);
        at
    }
}

/// `alice : TTY=…`, as sudo writes it.
fn is_named(words: &[&[u8]], place: usize) -> bool {
    words.get(place + 1) == Some(&&b":"[..])
}

fn previous<'a>(words: &[&'a [u8]], place: usize) -> Option<&'a [u8]> {
    words.get(place.checked_sub(1)?).copied()
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).take(MOST_WORDS)
}

fn wording(program: &[u8], words: &[&[u8]]) -> String {
    let text = String::from_utf8_lossy(&words.join(&b' ')).into_owned();
    if program.is_empty() {
        text
    } else {
        format!("{}: {text}", String::from_utf8_lossy(program))
    }
}
