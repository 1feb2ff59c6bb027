//! The tasks and threads of this process.

use std::sync::LazyLock;

use signatures_delivery::Tasks;

/// What became of them, and of those of delivery.
pub(crate) static TASKS: LazyLock<Tasks> = LazyLock::new(Tasks::default);
