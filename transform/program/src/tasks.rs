//! The tasks of this process.

use std::sync::LazyLock;

use signatures_delivery::Tasks;

/// What became of the tasks of this process, delivery's among them.
pub(crate) static TASKS: LazyLock<Tasks> = LazyLock::new(Tasks::default);
