//! The native engine, with a probe in place of cyclone.
#![cfg(target_os = "linux")]

mod native {
    mod isolation;
    mod lifecycle;
    mod limits;
    mod ordinary;
    mod speed;
    mod support;
}
