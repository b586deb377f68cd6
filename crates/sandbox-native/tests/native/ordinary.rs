//! The same promises to an ordinary user.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use super::support::probe;

/// Some user that is not root, and whom the host knows nothing of.
const USER: u32 = 12_345;

/// The tests that hold for everybody.
const FOR_EVERYBODY: [&str; 12] = [
    "isolation::a_sandbox_runs_cyclone_alone_and_with_nothing_of_the_host",
    "isolation::nothing_of_the_host_can_be_changed_or_reached",
    "isolation::the_kernel_answers_only_what_a_sandbox_may_ask",
    "isolation::host_images_see_the_hosts_libraries_and_nothing_else",
    "lifecycle::two_hundred_launches_leave_nothing_behind",
    "lifecycle::a_dropped_sandbox_is_removed",
    "lifecycle::a_cancelled_launch_leaves_nothing_behind",
    "lifecycle::a_dropped_launch_leaves_nothing_behind",
    "lifecycle::sandboxes_die_with_their_launcher_and_the_next_one_serves",
    "lifecycle::sandboxes_die_with_their_dispatcher",
    "limits::a_full_disk_is_named",
    "limits::limits_hold_without_cgroups_too",
];

#[test]
fn an_ordinary_user_gets_the_same_sandboxes() {
    if !rustix::process::geteuid().is_root() {
        // All tests run as an ordinary user already.
        return;
    }
    // That user could not write where it is built.
    probe();
    for name in FOR_EVERYBODY {
        let output = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", &format!("native::{name}")])
            .current_dir("/")
            .uid(USER)
            .gid(USER)
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{name}: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
