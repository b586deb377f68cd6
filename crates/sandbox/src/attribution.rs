//! Whose sandbox it is that something is logged of.

use std::sync::Arc;

use parking_lot::Mutex;
use tracing::Span;

/// The span that what happens to a sandbox belongs to. Cheap to clone.
///
/// A sandbox may be made before there is an execution for it, so the task that
/// watches over it begins in nobody's span. Whoever holds the sandbox claims it.
#[derive(Clone, Debug)]
pub struct Attribution(Arc<Mutex<Span>>);

impl Default for Attribution {
    /// Begins with the current span.
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Span::current())))
    }
}

impl Attribution {
    /// Claims the sandbox for the current span.
    pub fn claim(&self) {
        *self.0.lock() = Span::current();
    }

    /// Returns the span that claimed it last.
    pub fn span(&self) -> Span {
        self.0.lock().clone()
    }
}
