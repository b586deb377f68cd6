//! The host users of sandboxes: each live sandbox has two that nobody else has.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::wire::{Identity, MAPPED_IDS};

/// Ids below this belong to the launcher.
const FIRST: u32 = 1000;

/// Ids per sandbox.
const PER_SLOT: u32 = 2;

/// How many sandboxes can live at once.
const SLOTS: u32 = (MAPPED_IDS - FIRST) / PER_SLOT;

/// Gives out slots.
#[derive(Clone, Debug)]
pub(crate) struct Slots(Arc<Mutex<Table>>);

#[derive(Debug)]
struct Table {
    next: u32,
    taken: BTreeSet<u32>,
}

/// The host users of one sandbox. Dropping it allows them to be given out again.
#[derive(Debug)]
pub(crate) struct Slot {
    number: u32,
    table: Arc<Mutex<Table>>,
}

impl Slots {
    /// Returns a table without takers that starts at a place chosen by `seed`,
    /// so that two dispatchers on one host seldom use the same ids.
    pub(crate) fn new(seed: u32) -> Self {
        Self(Arc::new(Mutex::new(Table {
            next: seed.wrapping_mul(509) % SLOTS,
            taken: BTreeSet::new(),
        })))
    }

    /// Takes the slot that was not used for the longest time, if one is free.
    pub(crate) fn take(&self) -> Option<Slot> {
        let mut table = self.0.lock();
        for _ in 0..SLOTS {
            let number = table.next;
            table.next = (number + 1) % SLOTS;
            if table.taken.insert(number) {
                return Some(Slot {
                    number,
                    table: Arc::clone(&self.0),
                });
            }
        }
        None
    }
}

impl Slot {
    /// Returns the users, counted in the launcher's namespace.
    pub(crate) fn identity(&self) -> Identity {
        let cyclone = FIRST + self.number * PER_SLOT;
        Identity::Pair {
            cyclone,
            runner: cyclone + 1,
        }
    }

    /// Never gives the slot out again: something may still run with its users.
    pub(crate) fn quarantine(self) {
        std::mem::forget(self);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.table.lock().taken.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_live_slots_share_a_user() {
        let slots = Slots::new(7);
        let taken: Vec<Slot> = std::iter::from_fn(|| slots.take()).collect();
        let users: BTreeSet<u32> = taken
            .iter()
            .flat_map(|slot| match slot.identity() {
                Identity::Pair { cyclone, runner } => [cyclone, runner],
                Identity::Single => panic!("a slot has two users"),
            })
            .collect();

        assert_eq!(users.len(), taken.len() * 2);
        assert!(users.iter().all(|id| (FIRST..MAPPED_IDS).contains(id)));
    }

    #[test]
    fn a_slot_in_quarantine_is_never_given_out_again() {
        let slots = Slots::new(0);
        let lost = slots.take().expect("a free slot");
        let identity = lost.identity();
        lost.quarantine();

        let later: Vec<Slot> = std::iter::from_fn(|| slots.take()).collect();

        assert!(later.iter().all(|slot| slot.identity() != identity));
    }
}
