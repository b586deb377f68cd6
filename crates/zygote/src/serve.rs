//! The loop of a zygote.

use rustix::fd::AsFd as _;
use rustix::io::Result;

use crate::clone::{self, Side};
use crate::descriptors::Descriptors;
use crate::{CONTROL, FILTER, birth, memory, message, syscall, walls};

/// Serves requests for children on [`CONTROL`]. Returns in each child, with descriptors 0 to 3 its own;
/// the zygote itself ends when nobody can ask it any more.
///
/// Threads of the process do not exist in its children.
///
/// # Errors
///
/// Returns, in the zygote, why it cannot serve; in a child, never: one that cannot be walled in ends.
pub fn serve() -> Result<()> {
    let filter = walls::Filter::read(message::inherited(FILTER))?;
    memory::share_with_children()?;
    let descriptors = Descriptors::take()?;
    let control = message::inherited(CONTROL);
    message::say_ready(control)?;
    while let Some((request, family)) = message::receive(control)? {
        match clone::bring_forth(&family) {
            Ok(Side::Runner) => {
                birth::become_runner(request, family, &filter, &descriptors);
                return Ok(());
            }
            Ok(Side::Zygote(init)) => message::answer(control, Ok(init.as_fd()))?,
            Err(error) => message::answer(control, Err(error))?,
        }
    }
    syscall::exit(0)
}

/// Ends this process at once, with nothing that a runtime does before: it may wait for threads that its
/// parent had.
pub fn exit(code: u8) -> ! {
    syscall::exit(code)
}
