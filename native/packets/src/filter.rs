//! Classic BPF: the filter programs that libpcap compiles (McCanne and Jacobson, 1993). They have no
//! loops: jumps go forward only, so a program ends after at most as many steps as it has instructions.

/// One instruction, as `struct bpf_insn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    pub code: u16,
    pub jump_true: u8,
    pub jump_false: u8,
    pub k: u32,
}

/// A checked program.
#[derive(Clone, Debug)]
pub struct Filter {
    program: Vec<Instruction>,
}

const SCRATCH: usize = 16;
/// As in the kernel (BPF_MAXINSNS).
const LONGEST: usize = 4096;

impl Filter {
    /// Check what would make running it go wrong: jumps out of it, unknown instructions, no end.
    pub fn new(program: Vec<Instruction>) -> Result<Filter, String> {
        if program.is_empty() || program.len() > LONGEST {
            return Err(format!("a filter has 1 to {LONGEST} instructions, this one {}", program.len()));
        }
        for (at, instruction) in program.iter().enumerate() {
            let room = program.len() - at - 1;
            let class = instruction.code & 0x07;
            let fits = match class {
                0x05 if instruction.code & 0xf0 == 0 => (instruction.k as usize) < room,
                0x05 => usize::from(instruction.jump_true.max(instruction.jump_false)) < room,
                0x02 | 0x03 => (instruction.k as usize) < SCRATCH,
                0x00 | 0x01 if instruction.code & 0xe0 == 0x60 => (instruction.k as usize) < SCRATCH,
                _ => true,
            };
            if !fits {
                return Err(format!("instruction {at} of the filter leads out of it"));
            }
        }
        if program.last().is_none_or(|last| last.code & 0x07 != 0x06) {
            return Err("the filter does not end with a decision".to_string());
        }
        Ok(Filter { program })
    }

    /// Does the program take this packet? A load from outside of the packet refuses it.
    pub fn takes(&self, data: &[u8], wire: u32) -> bool {
        self.run(data, wire).unwrap_or(0) != 0
    }

    fn run(&self, data: &[u8], wire: u32) -> Option<u32> {
        let (mut a, mut x) = (0u32, 0u32);
        let mut scratch = [0u32; SCRATCH];
        let mut at = 0usize;
        while let Some(instruction) = self.program.get(at) {
            let k = instruction.k;
            at += 1;
            match instruction.code & 0x07 {
                0x00 => {
                    a = match instruction.code & 0xe0 {
                        0x00 => k,
                        0x20 => load(data, k as usize, instruction.code)?,
                        0x40 => load(data, (x as usize).checked_add(k as usize)?, instruction.code)?,
                        0x60 => *scratch.get(k as usize)?,
                        0x80 => wire,
                        _ => return None,
                    };
                }
                0x01 => {
                    x = match instruction.code & 0xe0 {
                        0x00 => k,
                        0x60 => *scratch.get(k as usize)?,
                        0x80 => wire,
                        0xa0 => u32::from(data.get(k as usize)? & 0x0f) * 4,
                        _ => return None,
                    };
                }
                0x02 => *scratch.get_mut(k as usize)? = a,
                0x03 => *scratch.get_mut(k as usize)? = x,
                0x04 => {
                    let operand = if instruction.code & 0x08 != 0 { x } else { k };
                    a = match instruction.code & 0xf0 {
                        0x00 => a.wrapping_add(operand),
                        0x10 => a.wrapping_sub(operand),
                        0x20 => a.wrapping_mul(operand),
                        0x30 => a.checked_div(operand)?,
                        0x40 => a | operand,
                        0x50 => a & operand,
                        0x60 => a.checked_shl(operand).unwrap_or(0),
                        0x70 => a.checked_shr(operand).unwrap_or(0),
                        0x80 => a.wrapping_neg(),
                        0x90 => a.checked_rem(operand)?,
                        0xa0 => a ^ operand,
                        _ => return None,
                    };
                }
                0x05 => {
                    let operand = if instruction.code & 0x08 != 0 { x } else { k };
                    let taken = match instruction.code & 0xf0 {
                        0x00 => {
                            at = at.checked_add(k as usize)?;
                            continue;
                        }
                        0x10 => a == operand,
                        0x20 => a > operand,
                        0x30 => a >= operand,
                        0x40 => a & operand != 0,
                        _ => return None,
                    };
                    at += usize::from(if taken { instruction.jump_true } else { instruction.jump_false });
                }
                0x06 => return Some(if instruction.code & 0x18 == 0x10 { a } else { k }),
                _ => match instruction.code & 0xf8 {
                    0x00 => x = a,
                    0x80 => a = x,
                    _ => return None,
                },
            }
        }
        None
    }
}

fn load(data: &[u8], at: usize, code: u16) -> Option<u32> {
    match code & 0x18 {
        0x00 => crate::bytes::be32(data, at),
        0x08 => crate::bytes::be16(data, at).map(u32::from),
        0x10 => data.get(at).map(|byte| u32::from(*byte)),
        _ => None,
    }
}
