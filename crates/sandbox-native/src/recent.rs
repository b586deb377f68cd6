//! What was used not long ago.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use tokio::time::Instant;

/// Keeps a bounded number of values, each until it was not used for a while.
///
/// It has no clock of its own: whoever asks says what time it is.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    entries: HashMap<K, Entry<V>>,
    capacity: usize,
    idle: Duration,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    used: Instant,
}

impl<K: Clone + Eq + Hash, V: Clone> Recent<K, V> {
    /// Returns an empty collection of at most `capacity` values that are each
    /// kept for `idle` after their last use.
    pub(crate) fn new(capacity: usize, idle: Duration) -> Self {
        Self {
            entries: HashMap::new(),
            capacity,
            idle,
        }
    }

    /// Returns a value that is kept, and counts that as a use.
    pub(crate) fn get(&mut self, key: &K, now: Instant) -> Option<V> {
        let entry = self.entries.get_mut(key)?;
        entry.used = now;
        Some(entry.value.clone())
    }

    /// Keeps a value, in place of the one that was not used for the longest time
    /// if there is no room.
    pub(crate) fn put(&mut self, key: K, value: V, now: Instant) {
        self.entries.insert(key, Entry { value, used: now });
        if self.entries.len() > self.capacity {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                self.entries.remove(&key);
            }
        }
    }

    /// Lets go of what was not used for a while.
    pub(crate) fn expire(&mut self, now: Instant) {
        let idle = self.idle;
        self.entries
            .retain(|_, entry| now.saturating_duration_since(entry.used) < idle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(60);

    #[test]
    fn a_value_is_kept_until_it_was_not_used_for_a_while() {
        let start = Instant::now();
        let mut recent = Recent::new(2, IDLE);
        recent.put("a", 1, start);

        recent.expire(start + IDLE / 2);
        assert_eq!(recent.get(&"a", start + IDLE / 2), Some(1));
        recent.expire(start + IDLE);
        assert_eq!(recent.get(&"a", start + IDLE), Some(1));
        recent.expire(start + IDLE * 2);

        assert_eq!(recent.get(&"a", start + IDLE * 2), None);
    }

    #[test]
    fn the_least_recently_used_value_makes_room() {
        let start = Instant::now();
        let later = |seconds| start + Duration::from_secs(seconds);
        let mut recent = Recent::new(2, IDLE);
        recent.put("a", 1, later(0));
        recent.put("b", 2, later(1));
        recent.get(&"a", later(2));

        recent.put("c", 3, later(3));

        assert_eq!(recent.get(&"b", later(4)), None);
        assert_eq!(recent.get(&"a", later(4)), Some(1));
        assert_eq!(recent.get(&"c", later(4)), Some(3));
    }
}
