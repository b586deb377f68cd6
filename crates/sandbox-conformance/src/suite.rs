//! The list of all checks, as tests of an engine.

/// Makes a test of each check, in the module where it is called.
///
/// The argument is an expression for a [`Host`](crate::Host).
#[macro_export]
macro_rules! conformance {
    ($host:expr) => {
        $crate::lifecycle_conformance!($host);
        $crate::limits_conformance!($host);
        $crate::isolation_conformance!($host);
        $crate::leftovers_conformance!($host);
    };
}

/// Makes a test of each check of [`lifecycle`](crate::lifecycle) and
/// [`images`](crate::images).
#[macro_export]
macro_rules! lifecycle_conformance {
    ($host:expr) => {
        $crate::checks! { $host; lifecycle:
            a_sandbox_serves_and_is_gone_when_destroyed,
            the_connection_is_given_once,
            an_exit_is_told_with_its_code,
            a_fault_is_told_with_its_signal,
            a_dropped_sandbox_is_removed,
            a_removal_that_is_dropped_goes_on,
            a_cancelled_launch_leaves_nothing_behind,
            a_launch_cancelled_beforehand_does_not_begin,
            a_dropped_launch_leaves_nothing_behind,
            a_cyclone_that_is_no_program_leaves_nothing_behind,
            a_cyclone_that_is_missing_leaves_nothing_behind,
            fifty_launches_leave_nothing_behind,
            eight_launches_at_once_leave_nothing_behind,
            a_storm_of_processes_is_gone_when_destroyed,
            an_ended_sandbox_is_still_to_be_destroyed,
            a_network_that_is_not_offered_is_refused,
        }
        $crate::checks! { $host; images:
            an_image_that_nobody_has_is_refused,
            an_image_prepared_twice_is_one_image,
            a_sandbox_starts_cyclone_with_the_runner_of_its_image,
        }
    };
}

/// Makes a test of each check of [`limits`](crate::limits).
#[macro_export]
macro_rules! limits_conformance {
    ($host:expr) => {
        $crate::checks! { $host; limits:
            a_limit_that_was_not_hit_is_not_named,
            a_memory_bomb_ends_the_sandbox_and_is_named,
            a_memory_bomb_in_a_child_is_named_while_cyclone_lives,
            a_spinning_sandbox_is_ended_at_its_processor_time,
            a_fork_bomb_is_stopped_and_named,
            a_full_disk_is_named,
            a_disk_full_of_empty_files_is_named,
            the_share_of_processors_is_held,
        }
    };
}

/// Makes a test of each check of [`isolation`](crate::isolation) and
/// [`calls`](crate::calls).
#[macro_export]
macro_rules! isolation_conformance {
    ($host:expr) => {
        $crate::checks! { $host; isolation:
            nothing_of_the_host_is_visible,
            nothing_but_the_scratch_space_can_be_written,
            there_are_no_privileges,
            there_is_no_network,
            files_are_not_shared,
            files_do_not_outlive_their_sandbox,
            processes_are_not_shared,
            sockets_are_not_shared,
        }
        $crate::checks! { $host; calls:
            forbidden_system_calls_are_refused,
            programs_are_told_that_there_is_no_clone3,
            other_interfaces_of_the_kernel_are_closed,
        }
    };
}

/// Makes a test of each check of [`leftovers`](crate::leftovers), and the helper
/// that these start.
#[macro_export]
macro_rules! leftovers_conformance {
    ($host:expr) => {
        $crate::checks_beside_a_holder! { $host; leftovers:
            nothing_is_left_of_a_killed_dispatcher,
            the_living_keep_their_sandboxes,
            two_engines_work_side_by_side,
        }

        #[::tokio::test]
        #[ignore = "run by other tests, which kill it"]
        async fn helper_that_holds_a_sandbox() {
            $crate::leftovers::hold(&$host).await;
        }
    };
}

/// Makes a test of each check that needs a host alone.
#[doc(hidden)]
#[macro_export]
macro_rules! checks {
    ($host:expr; $module:ident: $($check:ident),* $(,)?) => {
        $(
            #[::tokio::test]
            async fn $check() {
                $crate::$module::$check(&$host).await;
            }
        )*
    };
}

/// Makes a test of each check that starts a [`Holder`](crate::leftovers::Holder).
#[doc(hidden)]
#[macro_export]
macro_rules! checks_beside_a_holder {
    ($host:expr; $module:ident: $($check:ident),* $(,)?) => {
        $(
            #[::tokio::test]
            async fn $check() {
                $crate::$module::$check(&$host, ::std::module_path!()).await;
            }
        )*
    };
}
