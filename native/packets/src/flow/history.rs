//! What happened in a connection, a letter each: Zeek's `history`.

/// Letters beyond these are left out: no ordinary connection has as many.
const LONGEST: usize = 512;
const INLINE: usize = 22;

/// A short string that costs no allocation while it is short.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    letters: [u8; INLINE],
    length: u16,
    more: Vec<u8>,
    /// Which letters were seen already.
    seen: u32,
}

impl History {
    #[cold]
    pub fn add(&mut self, letter: u8) {
        let at = usize::from(self.length);
        if at >= LONGEST {
            return;
        }
        self.length += 1;
        match self.letters.get_mut(at) {
            Some(place) => *place = letter,
            None => self.more.push(letter),
        }
    }

    /// Add the letter if this is the first time; say whether it was there before.
    #[inline]
    pub fn check(&mut self, bit: u32, letter: u8) -> bool {
        if self.seen & bit != 0 {
            return true;
        }
        self.seen |= bit;
        self.add(letter);
        false
    }

    /// Add the letter the first, the tenth, the hundredth time.
    pub fn count(&mut self, counter: &mut u32, letter: u8) {
        *counter = counter.saturating_add(1);
        if matches!(*counter, 1 | 10 | 100 | 1_000 | 10_000 | 100_000 | 1_000_000 | 10_000_000 | 100_000_000) {
            self.add(letter);
        }
    }

    /// Is this letter all there is?
    #[inline]
    pub fn is_only(&self, letter: u8) -> bool {
        self.length == 1 && self.letters[0] == letter
    }

    /// What was written so far was wrong.
    pub fn rewrite(&mut self, letters: [u8; 2]) {
        self.length = 0;
        letters.into_iter().for_each(|letter| self.add(letter));
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Append the letters.
    pub fn write(&self, to: &mut String) {
        let inline = usize::from(self.length).min(INLINE);
        for letter in self.letters.iter().take(inline).chain(&self.more) {
            to.push(char::from(*letter));
        }
    }

    pub fn text(&self) -> String {
        let mut text = String::with_capacity(usize::from(self.length));
        self.write(&mut text);
        text
    }
}
