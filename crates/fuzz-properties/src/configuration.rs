//! The configuration file.
//!
//! It is read by a program, which nothing can link to: what reads it is compiled
//! here once more, from the same files.

use std::io::Write as _;
use std::iter;

#[expect(dead_code, reason = "only a program needs all of it")]
#[path = "../../../bin/veritech/src/config/engines.rs"]
mod engines;
#[expect(dead_code, reason = "only a program needs all of it")]
#[path = "../../../bin/veritech/src/config/images.rs"]
mod images;
#[path = "../../../bin/veritech/src/config/keys.rs"]
mod keys;
#[expect(dead_code, reason = "only a program needs all of it")]
#[path = "../../../bin/veritech/src/config/layers.rs"]
mod layers;
#[path = "../../../bin/veritech/src/config/pool.rs"]
mod pool;
#[expect(dead_code, reason = "only a program needs all of it")]
#[path = "../../../bin/veritech/src/config/raw.rs"]
mod raw;

use self::layers::Layers;
use self::raw::Settings;

/// A configuration that is taken can be shown, and what is shown means the same.
pub(crate) fn configuration(bytes: &[u8]) {
    let Some(settings) = read(bytes) else { return };
    let again = read(settings.shown.as_bytes()).expect("what is shown can be read");
    assert_eq!(again.shown, settings.shown);
    let bounds = &settings.dispatcher.bounds;
    assert!(bounds.memory_bytes.default <= bounds.memory_bytes.maximum);
    assert!(!settings.dispatcher.heartbeat.is_zero());
}

fn read(bytes: &[u8]) -> Option<Settings> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    let layers = Layers::collect(Some(file.path()), iter::empty()).ok()?;
    Settings::from_layers(&layers).ok()
}
