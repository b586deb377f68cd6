//! The same intruders on the host: what does no harm there must succeed, or their
//! "denied" would mean nothing.

use e2e::{World, host_images};

use crate::attempts;
use crate::canaries::Planted;
use crate::intruder::INTRUDERS;

#[tokio::test]
async fn every_intruder_succeeds_where_nothing_denies() {
    let world = World::start(&host_images()).await;
    let planted = Planted::around(&world, None);
    let mut attempts = attempts::harmless(&planted.canaries);
    for attempt in &mut attempts {
        *attempt = attempt.clone().allowed("this is the host");
    }
    assert!(attempts.len() >= 20, "{}", attempts.len());

    for intruder in INTRUDERS {
        let outcomes = intruder.unconfined(&attempts);
        let surprises = crate::program::surprises(&attempts, &outcomes);
        assert!(surprises.is_empty(), "{intruder:?}: {surprises:#?}");
        assert_eq!(planted.connections(), 2, "{intruder:?}");
    }
}
