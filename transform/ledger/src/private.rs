//! Files and directories that nobody else is to read: what is in them came from
//! logs.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

/// Opens a file as the options say, for its owner alone: one that is made, and
/// one that an earlier version or a careless copy left open to others.
pub(crate) fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    let file = options.open(path)?;
    close_to_others(path)?;
    Ok(file)
}

/// Takes a file away from all but its owner.
pub(crate) fn close_to_others(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            // It may be somebody else's who lets us write it: then it is for them to say.
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o600));
        }
    }
    Ok(())
}

/// Makes a directory, and those above it that are missing, for their owner
/// alone. One that is there is left as it is.
///
/// # Errors
/// When it cannot be made.
pub fn create_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
