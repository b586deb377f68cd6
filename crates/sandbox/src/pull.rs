//! When an image is asked for at its registry.

use std::fmt;
use std::str::FromStr;

/// When an image is asked for at its registry.
///
/// One that is named by its digest cannot change, so it is never asked for again
/// once it is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PullPolicy {
    /// Whenever it is to be used: a tag that has moved is noticed at once.
    Always,
    /// Only while it is not here.
    #[default]
    IfNotPresent,
    /// Never: it must be here.
    Never,
}

/// A name that is no policy's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be always, if_not_present or never, got `{0}`")]
pub struct UnknownPullPolicy(String);

impl PullPolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Always, Self::IfNotPresent, Self::Never];

    /// Returns the policy's name in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::IfNotPresent => "if_not_present",
            Self::Never => "never",
        }
    }
}

impl fmt::Display for PullPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for PullPolicy {
    type Err = UnknownPullPolicy;

    fn from_str(name: &str) -> Result<Self, UnknownPullPolicy> {
        Self::ALL
            .into_iter()
            .find(|policy| policy.name() == name)
            .ok_or_else(|| UnknownPullPolicy(name.to_owned()))
    }
}
