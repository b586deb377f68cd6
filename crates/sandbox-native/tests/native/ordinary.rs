//! The same promises to an ordinary user.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Some user that is not root, and whom the host knows nothing of.
const USER: u32 = 12_345;

/// Tests of the kinds of promises that hold for everybody.
const FOR_EVERYBODY: [&str; 29] = [
    "builtin::a_cancelled_launch_leaves_nothing_behind",
    "builtin::a_dropped_launch_leaves_nothing_behind",
    "builtin::a_dropped_sandbox_is_removed",
    "builtin::a_storm_of_processes_is_gone_when_destroyed",
    "builtin::fifty_launches_leave_nothing_behind",
    "builtin::files_do_not_outlive_their_sandbox",
    "builtin::forbidden_system_calls_are_refused",
    "builtin::nothing_but_the_scratch_space_can_be_written",
    "builtin::nothing_is_left_of_a_killed_dispatcher",
    "builtin::nothing_of_the_host_is_visible",
    "builtin::there_are_no_privileges",
    "builtin_without_cgroups::a_fork_bomb_is_stopped_and_named",
    "builtin_without_cgroups::a_full_disk_is_named",
    "builtin_without_cgroups::a_spinning_sandbox_is_ended_at_its_processor_time",
    "hosted::processes_are_not_shared",
    "hosted::sockets_are_not_shared",
    "images::a_sandbox_sees_its_image_and_nothing_of_the_host",
    "images::an_image_stays_while_a_sandbox_of_it_runs",
    "images::an_image_whose_cyclone_is_garbage_fails_to_launch",
    "images::an_image_without_a_runner_gets_ours_over_what_it_has_there",
    "images::mount_points_that_are_links_are_refused_though_the_store_let_them_in",
    "images::privileged_files_give_nothing_even_if_the_store_let_them_in",
    "isolation::a_sandbox_consists_of_our_programs_and_nothing_else",
    "isolation::host_images_see_the_hosts_libraries_and_nothing_else",
    "launcher::sandboxes_die_with_their_launcher_and_the_next_one_serves",
    "stored::nothing_but_the_scratch_space_can_be_written",
    "stored::there_are_no_privileges",
    "stored::fifty_launches_leave_nothing_behind",
    "stored_without_cgroups::a_fork_bomb_is_stopped_and_named",
];

#[test]
fn an_ordinary_user_gets_the_same_sandboxes() {
    if !rustix::process::geteuid().is_root() {
        // All tests run as an ordinary user already.
        return;
    }
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
