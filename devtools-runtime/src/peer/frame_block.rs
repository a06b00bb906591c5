//! A block of memory that the texts of several frames share.

use bytes::{Bytes, BytesMut};

use crate::peer::frame::Frame;

/// The size in bytes of the first block. Each block is twice as large as the one before it.
const FIRST: usize = 256;

/// The size in bytes of the largest block.
const LARGEST: usize = 8 * 1024;

/// The largest text in bytes that is put into a block.
const SMALL: usize = 1024;

/// A block of memory that the texts of several frames share.
///
/// The frames of one stream are small, and are freed in the order in which they were made, so that they need not have an allocation
/// each. A block is freed with the last frame in it.
#[derive(Debug, Default)]
pub(crate) struct FrameBlock {
    free: BytesMut,
    size: usize,
}

impl FrameBlock {
    /// Makes a frame of a text. Returns `None` if it is not UTF-8.
    pub(crate) fn frame(&mut self, text: &[u8]) -> Option<Frame> {
        if text.len() > SMALL {
            return Frame::from_utf8(Bytes::copy_from_slice(text));
        }
        if self.free.capacity() < text.len() {
            self.size = (2 * self.size).clamp(FIRST, LARGEST);
            self.free = BytesMut::with_capacity(self.size.max(text.len()));
        }
        self.free.extend_from_slice(text);
        Frame::from_utf8(self.free.split().freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::{FrameBlock, LARGEST, SMALL};

    #[test]
    fn frames_share_blocks_and_have_their_own_texts() {
        let mut block = FrameBlock::default();
        let text = |number: usize| format!("{number} {}", "x".repeat(number * 7 % (2 * SMALL)));
        let frames: Vec<_> = (0..500)
            .map(|number| block.frame(text(number).as_bytes()).unwrap())
            .collect();
        for (number, frame) in frames.iter().enumerate() {
            assert_eq!(frame.as_str(), text(number));
        }
        assert_eq!(block.size, LARGEST);
        assert!(block.frame(b"\xff").is_none());
        assert_eq!(block.frame(b"").unwrap().as_str(), "");
    }
}
