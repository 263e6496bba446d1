//! The components: what they make, and that their switches change just what they should.

mod network;
