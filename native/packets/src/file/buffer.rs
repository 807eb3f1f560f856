//! A buffer that begins where a page of memory does.
//!
//! The kernel copies a file into it by `rep movsb`, which on processors of AMD (Zen 3 and 4) takes several times as
//! long where the low bits of the address differ from those of the page that is copied, and what an allocator gives
//! is 16 bytes behind the beginning of a page.

const PAGE: usize = 4096;

#[derive(Default)]
pub struct Buffer {
    bytes: Vec<u8>,
    begin: usize,
}

impl Buffer {
    /// Make it so long at least; what is in it stays.
    pub fn grow(&mut self, length: usize) {
        if self.as_slice().len() >= length {
            return;
        }
        let mut bytes: Vec<u8> = vec![0; length + PAGE];
        let begin = bytes.as_ptr().align_offset(PAGE).min(PAGE);
        let kept = self.as_slice();
        if let Some(to) = bytes.get_mut(begin..begin + kept.len()) {
            to.copy_from_slice(kept);
        }
        *self = Buffer { bytes, begin };
    }

    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(self.begin..).unwrap_or(&[])
    }

    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.begin..).unwrap_or(&mut [])
    }
}
