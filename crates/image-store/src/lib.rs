//! OCI images: pulled, verified, unpacked and cached.
#![forbid(unsafe_code)]
