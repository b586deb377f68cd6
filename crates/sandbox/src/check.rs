//! What was found out about a host or a configuration before functions are taken.

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub ok: bool,
    /// Whether functions must not be taken unless it is.
    pub required: bool,
    /// What was found.
    pub detail: String,
    /// What to do about it, if anything.
    pub fix: Option<String>,
}

impl Check {
    /// Returns a check of something that is as it should be.
    pub fn passed(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            ok: true,
            required: false,
            detail: detail.into(),
            fix: None,
        }
    }

    /// Returns a check of something that should be otherwise, and can be lived with.
    pub fn warned(name: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            name,
            ok: false,
            required: false,
            detail: detail.into(),
            fix: Some(fix.into()),
        }
    }

    /// Returns a check of something under which no function must be taken.
    pub fn refused(name: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            name,
            ok: false,
            required: true,
            detail: detail.into(),
            fix: Some(fix.into()),
        }
    }

    /// Returns whether functions must not be taken because of it.
    pub fn is_refusal(&self) -> bool {
        self.required && !self.ok
    }
}
