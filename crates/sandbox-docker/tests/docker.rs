//! The Docker engine against a real daemon: that of `VERITECH_TEST_DOCKER_HOST`,
//! else of `DOCKER_HOST`, else the one at its usual place.
#![cfg(target_os = "linux")]

#[path = "docker/functions.rs"]
mod functions;
#[path = "docker/images.rs"]
mod images;
#[path = "docker/lifecycle.rs"]
mod lifecycle;
#[path = "docker/networks.rs"]
mod networks;
#[path = "docker/probe.rs"]
mod probe;
#[path = "docker/restarts.rs"]
mod restarts;
#[path = "docker/support.rs"]
mod support;
#[path = "docker/walls.rs"]
mod walls;
