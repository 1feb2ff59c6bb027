//! What unpacks a member of each packing.

use std::io;

use crate::{
    lz4::Lz4,
    member::{Member, Source},
    packing::Packing,
    skippable::Skippable,
    xz::Xz,
};

/// The member that begins here.
pub(crate) fn open(packing: Packing, source: Source) -> io::Result<Box<dyn Member>> {
    Ok(match packing {
        Packing::Gzip => Box::new(flate2::bufread::GzDecoder::new(source)),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(source)?.single_frame()),
        Packing::Bzip2 => Box::new(bzip2::bufread::BzDecoder::new(source)),
        Packing::Xz => Box::new(Xz::new(source)),
        Packing::Lz4 => Box::new(Lz4::framed(source)),
        Packing::Lz4Legacy => Box::new(Lz4::legacy(source)),
        Packing::Skippable => Box::new(Skippable::new(source)),
    })
}

impl Member for flate2::bufread::GzDecoder<Source> {
    fn into_source(self: Box<Self>) -> Source {
        self.into_inner()
    }
}

impl Member for zstd::stream::read::Decoder<'static, Source> {
    fn into_source(self: Box<Self>) -> Source {
        self.finish()
    }
}

impl Member for bzip2::bufread::BzDecoder<Source> {
    fn into_source(self: Box<Self>) -> Source {
        self.into_inner()
    }
}
