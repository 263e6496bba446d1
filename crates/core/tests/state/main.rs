//! State under attack and accident: damaged, lost and foreign files, wrong keys, full disks.
//! Each time: no panic, nothing that is there is overwritten, and a message that says which
//! file or item it is and what to do.

mod damage;
mod disk;
mod keys;
mod lost;
mod place;
mod restore;
mod scrub;
mod verify;
mod world;
