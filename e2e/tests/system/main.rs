//! The whole system: a real NATS server, real dispatchers, real sandboxes.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod admission;
mod cancelling;
mod command;
mod delivery;
mod documentation;
mod floods;
mod foreign;
mod hostile;
mod isolation;
mod leaving;
mod load;
mod logs;
mod npm;
mod pool;
mod values;
