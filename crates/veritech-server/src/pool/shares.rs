//! Shares one budget of waiting sandboxes among images.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// What one image claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// What it gets before any gets more.
    pub(super) minimum: usize,
    /// What it has use for; no less than the minimum.
    pub(super) wanted: usize,
    /// The memory that one of its sandboxes takes.
    pub(super) bytes: u64,
}

/// What there is to share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Budget {
    pub(super) count: usize,
    pub(super) bytes: u64,
}

/// Returns how many sandboxes each claimant gets, in their order.
///
/// The minima come first; then each sandbox goes to whom it helps most: to the one that
/// wants the most for each that it has. One whose sandboxes no longer fit gets no more, while others may.
pub(super) fn share(claims: &[Claim], mut left: Budget) -> Vec<usize> {
    let mut shares = vec![0; claims.len()];
    for goal in [|claim: &Claim| claim.minimum, |claim: &Claim| claim.wanted] {
        let mut bids: BinaryHeap<Bid> = BinaryHeap::new();
        for (index, (claim, share)) in claims.iter().zip(&shares).enumerate() {
            bids.push(Bid {
                goal: goal(claim),
                share: *share,
                index,
            });
        }
        while let Some(mut bid) = bids.pop() {
            let Some(claim) = claims.get(bid.index) else {
                continue;
            };
            if bid.share >= bid.goal || left.count == 0 || left.bytes < claim.bytes {
                continue;
            }
            left.count -= 1;
            left.bytes -= claim.bytes;
            bid.share += 1;
            if let Some(share) = shares.get_mut(bid.index) {
                *share = bid.share;
            }
            bids.push(bid);
        }
    }
    shares
}

/// A claimant's bid for the next sandbox. The greater one gets it.
#[derive(Debug, PartialEq, Eq)]
struct Bid {
    goal: usize,
    share: usize,
    index: usize,
}

impl Ord for Bid {
    fn cmp(&self, other: &Self) -> Ordering {
        // goal / (share + 1), without fractions; the first of equals is the greater.
        let product = |goal: usize, share: usize| u128::from(goal as u64) * (share as u128 + 1);
        product(self.goal, other.share)
            .cmp(&product(other.goal, self.share))
            .then_with(|| other.index.cmp(&self.index))
    }
}

impl PartialOrd for Bid {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claim(minimum: usize, wanted: usize, bytes: u64) -> Claim {
        Claim {
            minimum,
            wanted,
            bytes,
        }
    }

    fn budget(count: usize, bytes: u64) -> Budget {
        Budget { count, bytes }
    }

    #[test]
    fn whoever_wants_more_gets_more() {
        let claims = [claim(0, 30, 1), claim(0, 10, 1), claim(0, 0, 1)];
        assert_eq!(share(&claims, budget(8, 100)), [6, 2, 0]);
        assert_eq!(share(&claims, budget(100, 100)), [30, 10, 0]);
    }

    #[test]
    fn minima_come_before_what_is_wanted() {
        let claims = [claim(0, 1000, 1), claim(3, 3, 1)];
        assert_eq!(share(&claims, budget(4, 100)), [1, 3]);
    }

    #[test]
    fn what_does_not_fit_leaves_room_for_what_does() {
        let claims = [claim(1, 9, 40), claim(0, 3, 10)];
        assert_eq!(share(&claims, budget(100, 70)), [1, 3]);
    }

    proptest! {
        #[test]
        fn no_budget_is_exceeded_and_nobody_gets_more_than_it_wants(
            claims in prop::collection::vec((0_usize..20, 0_usize..50, 0_u64..100), 0..20),
            count in 0_usize..200,
            bytes in 0_u64..10_000,
        ) {
            let claims: Vec<_> = claims
                .into_iter()
                .map(|(minimum, more, bytes)| claim(minimum, minimum + more, bytes))
                .collect();
            let shares = share(&claims, budget(count, bytes));
            let used: u64 = claims.iter().zip(&shares).map(|(claim, share)| claim.bytes * *share as u64).sum();
            prop_assert!(used <= bytes);
            prop_assert!(shares.iter().sum::<usize>() <= count);
            let minima: usize = claims.iter().map(|claim| claim.minimum).sum();
            let minimum_bytes: u64 = claims.iter().map(|claim| claim.bytes * claim.minimum as u64).sum();
            for (claim, share) in claims.iter().zip(&shares) {
                prop_assert!(*share <= claim.wanted);
                if minima <= count && minimum_bytes <= bytes {
                    prop_assert!(*share >= claim.minimum);
                }
            }
        }
    }
}
