//! Runs microtasks and timers until a promise settles.

use rquickjs::promise::PromiseState;
use rquickjs::{Persistent, Promise, Value};

use crate::clock;
use crate::failure::{Failure, Unhandled};
use crate::function::{Run, Stopped, When};
use crate::host::Kept;

/// How many microtasks may still run after the promise settled, to give rejections that were made
/// before a chance of being looked at.
const LATE_MICROTASKS: usize = 1000;

impl<'js> Run<'_, 'js> {
    /// Runs what is pending until `promise` settles, and returns what it was fulfilled with.
    ///
    /// A rejection nobody looks at, or an error nobody catches, ends the execution like an error of
    /// the handler's own: it happened before the result.
    pub(crate) fn settle(
        &self,
        promise: &Promise<'js>,
        waiting_for: &str,
    ) -> Result<Value<'js>, Stopped> {
        let expected = Persistent::save(self.ctx, promise.as_value().clone());
        loop {
            while promise.state() == PromiseState::Pending && self.ctx.execute_pending_job() {
                self.check()?;
            }
            self.check()?;
            match promise.result::<Value<'js>>() {
                Some(Ok(value)) => {
                    self.look_at_late_rejections(&expected)?;
                    return Ok(value);
                }
                Some(Err(error)) => return Err(self.stopped(&error)),
                None => self.check_rejections(&expected)?,
            }
            self.fire_next_timer(waiting_for)?;
        }
    }

    /// Ends the execution if a microtask threw or nobody waits for it any more.
    fn check(&self) -> Result<(), Stopped> {
        if self.host.has_given_up() {
            return Err(Stopped::GivenUp);
        }
        match self.host.take_uncaught() {
            Some(error) => Err(unhandled(error, Unhandled::Error)),
            None => Ok(()),
        }
    }

    /// Ends the execution if a promise other than `expected` was rejected and nobody looked.
    fn check_rejections(&self, expected: &Kept) -> Result<(), Stopped> {
        match self.host.take_rejection(expected) {
            Some(reason) => Err(unhandled(reason, Unhandled::Rejection)),
            None => Ok(()),
        }
    }

    /// Does the same after microtasks that are pending have had their chance to look.
    fn look_at_late_rejections(&self, expected: &Kept) -> Result<(), Stopped> {
        for _ in 0..LATE_MICROTASKS {
            if !self.host.has_rejection(expected) || !self.ctx.execute_pending_job() {
                break;
            }
            self.check()?;
        }
        self.check_rejections(expected)
    }

    /// Waits for the next timer and calls it.
    fn fire_next_timer(&self, waiting_for: &str) -> Result<(), Stopped> {
        let next = self.host.timers.borrow_mut().next_due_ms();
        let Some(due_ms) = next else {
            let message = format!("{waiting_for} can never settle: nothing is left to wait for");
            return Err(Failure::exception(message, Some(Unhandled::NeverSettled)).into());
        };
        clock::sleep_until_ms(due_ms.min(self.host.give_up_ms()));
        if self.host.has_given_up() {
            return Err(Stopped::GivenUp);
        }
        let due = self.host.timers.borrow_mut().take_due(clock::now_ms());
        let Some(id) = due else {
            return Ok(());
        };
        self.hooks
            .get(self.ctx, "fire")
            .and_then(|fire| fire.call((id,)))
            .map_err(|error| self.stopped_when(&error, When::Unhandled(Unhandled::Error)))
    }
}

/// What nobody looked at or caught.
fn unhandled(error: Kept, unhandled: Unhandled) -> Stopped {
    Stopped::Thrown(error, When::Unhandled(unhandled))
}
