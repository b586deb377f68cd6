//! The native engine, with a probe in place of cyclone.
#![cfg(target_os = "linux")]

mod native {
    /// What every engine must do, with the image that every host has.
    mod builtin {
        sandbox_conformance::conformance!(super::support::Native::builtin());
    }
    /// The same with a program of the host, which may ask more of the kernel.
    mod hosted {
        sandbox_conformance::conformance!(super::support::Native::hosted());
    }
    /// The same with an image of the store. What a killed dispatcher leaves does
    /// not depend on the image.
    mod stored {
        use super::support::Native;

        sandbox_conformance::lifecycle_conformance!(Native::stored());
        sandbox_conformance::limits_conformance!(Native::stored());
        sandbox_conformance::isolation_conformance!(Native::stored());
    }
    /// The same limits, held by other means.
    mod builtin_without_cgroups {
        sandbox_conformance::limits_conformance!(
            super::support::Native::builtin().without_cgroups()
        );
    }
    mod hosted_without_cgroups {
        sandbox_conformance::limits_conformance!(
            super::support::Native::hosted().without_cgroups()
        );
    }
    mod stored_without_cgroups {
        sandbox_conformance::limits_conformance!(
            super::support::Native::stored().without_cgroups()
        );
    }
    mod images;
    mod isolation;
    mod launcher;
    mod layout;
    mod ordinary;
    mod speed;
    mod support;
}
