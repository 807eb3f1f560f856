//! What is looked for in bytes.

use aho_corasick::{packed, AhoCorasick};
use regex::bytes::{Regex, RegexBuilder};

/// Of what a pattern matches, so many bytes at least are seen together.
const OF_A_PATTERN: usize = 1024;
/// Literals that one pass tells apart with the vectors of the processor; with more it would go byte by byte.
const OF_A_PASS: usize = 48;

/// Byte strings, and a pattern of ASCII beside them.
pub struct Sought {
    passes: Vec<Pass>,
    pattern: Option<Regex>,
    together: usize,
}

enum Pass {
    Vectors(packed::Searcher),
    Bytes(AhoCorasick),
}

impl Sought {
    /// An error says what is wrong with the pattern.
    pub fn of(literals: &[impl AsRef<[u8]>], pattern: Option<&str>) -> Result<Self, String> {
        let mut literals: Vec<&[u8]> = literals.iter().map(AsRef::as_ref).filter(|one| !one.is_empty()).collect();
        literals.sort_unstable(); // those that begin alike go together
        let longest = literals.iter().map(|literal| literal.len()).max().unwrap_or(0);
        let pattern = pattern.map(|pattern| RegexBuilder::new(pattern).unicode(false).build()).transpose();
        Ok(Self {
            passes: literals.chunks(OF_A_PASS).map(Pass::of).collect::<Result<_, _>>()?,
            together: longest.max(OF_A_PATTERN),
            pattern: pattern.map_err(|reason| reason.to_string())?,
        })
    }

    /// May these bytes hold one?
    pub fn stands_in(&self, bytes: &[u8]) -> bool {
        self.passes.iter().any(|pass| pass.finds(bytes))
            || self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(bytes))
    }

    /// So many bytes of one piece of a file are to be seen again with the next.
    pub fn together(&self) -> usize {
        self.together
    }
}

impl Pass {
    fn of(literals: &[&[u8]]) -> Result<Self, String> {
        if let Some(searcher) = packed::Config::new().builder().extend(literals).build() {
            return Ok(Self::Vectors(searcher));
        }
        AhoCorasick::new(literals).map(Self::Bytes).map_err(|reason| reason.to_string())
    }

    fn finds(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Vectors(searcher) => searcher.find(bytes).is_some(),
            Self::Bytes(automaton) => automaton.is_match(bytes),
        }
    }
}
