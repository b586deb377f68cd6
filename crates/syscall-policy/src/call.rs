//! A system call by its number and by its name.

use libc::c_long;

/// A system call of the architecture that this is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Call {
    number: c_long,
    constant: &'static str,
}

impl Call {
    /// Names a call by its number and the constant that has it, such as `SYS_read`.
    pub(crate) const fn new(number: c_long, constant: &'static str) -> Self {
        Self { number, constant }
    }

    /// Returns the number.
    pub fn number(self) -> u32 {
        // Every number is that of a system call, all of which are small.
        u32::try_from(self.number).unwrap_or(u32::MAX)
    }

    /// Returns the name, such as `read`.
    pub fn name(self) -> &'static str {
        self.constant.strip_prefix("SYS_").unwrap_or(self.constant)
    }
}

/// Lists calls by the names that the C library has for their numbers.
macro_rules! calls {
    ($($constant:ident),* $(,)?) => {
        &[$($crate::call::Call::new(libc::$constant, stringify!($constant))),*]
    };
}

pub(crate) use calls;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_known_by_number_and_name() {
        const READ: &[Call] = calls![SYS_read];

        assert_eq!(READ[0].name(), "read");
        assert_eq!(i64::from(READ[0].number()), libc::SYS_read);
    }
}
