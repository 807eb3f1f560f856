//! The door between Python and the crates: nothing here may panic across it.
