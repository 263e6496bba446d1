//! A full disk and a folder that cannot be written to.
//!
//! A process whose files may not grow stands in for a full disk: that needs no rights. Where
//! mounting is allowed, a small file system is filled, too.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use ferrocrete_core::state::StateError;

use crate::world::{World, begin, done};

const CHILD: &str = "FERROCRETE_TEST_NO_ROOM";

fn unusable(error: &StateError) -> bool {
    matches!(error, StateError::Unusable { .. })
}

/// What a run reads when its writes fail; what is there stays as it was.
async fn no_room(world: &World) {
    let known = world.load().await.unwrap();
    let before = world.files();
    let error = match world.open("up").await {
        Err(error) => error,
        Ok(store) => {
            let mut error = None;
            for n in 0..200 {
                let name = format!("{n}-{}", "x".repeat(40));
                let Err(failed) = store.commit(vec![begin(&name)]).await else { continue };
                // Nothing is committed any more, so nothing more is begun.
                assert!(store.commit(vec![done("late")]).await.is_err());
                error = Some(failed);
                break;
            }
            crate::world::kill(store).await;
            error.expect("there is no room")
        }
    };
    assert!(unusable(&error), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("shop/dev/") && text.contains("make room on the disk"), "{text}");
    let state = world.load().await.unwrap();
    assert!(state.sequence >= known.sequence);
    for (path, bytes) in &before {
        let now = std::fs::read(path).unwrap();
        assert!(now.starts_with(bytes), "{} was overwritten", path.display());
    }
}

#[tokio::test]
async fn a_file_that_may_not_grow() {
    if let Some(folder) = std::env::var_os(CHILD) {
        let world = World { folder: tempfile::tempdir_in(&folder).unwrap() };
        std::fs::rename(Path::new(&folder).join("shop"), world.folder.path().join("shop")).unwrap();
        return no_room(&world).await;
    }
    let world = World::interrupted().await;
    let me = std::env::current_exe().unwrap();
    let limited = Command::new("bash")
        .args(["-c", "trap '' XFSZ; ulimit -f 12; exec \"$@\"", "bash"])
        .arg(me)
        .args(["--exact", "disk::a_file_that_may_not_grow"])
        .env(CHILD, world.folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&limited.stdout);
    assert!(limited.status.success() && text.contains("1 passed"), "{text}");
}

/// A file system of its own; unmounted when dropped.
struct Mount(tempfile::TempDir);

impl Mount {
    fn new(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "ferrocrete-test"])
            .arg(folder.path())
            .output();
        match mounted {
            Ok(out) if out.status.success() => Some(Self(folder)),
            Ok(out) => {
                println!("skipped: {}", String::from_utf8_lossy(&out.stderr).trim());
                None
            }
            Err(error) => {
                println!("skipped: mount: {error}");
                None
            }
        }
    }

    fn remount(&self, how: &str) {
        let remounted = Command::new("mount")
            .args(["-o", &format!("remount,{how}")])
            .arg(self.0.path())
            .status()
            .unwrap();
        assert!(remounted.success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_small_file_system_that_is_full() {
    let Some(mount) = Mount::new("640k") else { return };
    let world = World { folder: tempfile::tempdir_in(mount.0.path()).unwrap() };
    world.apply(vec![begin("net"), done("net")]).await;
    let filler = mount.0.path().join("filler");
    // All of it, then all but a page, and so on: each write of a run fails in turn.
    for pages in 0..8 {
        let _ = std::fs::write(&filler, vec![0; 1024 * 1024]);
        let size = std::fs::metadata(&filler).unwrap().len();
        let file = std::fs::OpenOptions::new().write(true).open(&filler).unwrap();
        file.set_len(size.saturating_sub(pages * 4096)).unwrap();
        no_room(&world).await;
        drop(file);
    }
    std::fs::remove_file(&filler).unwrap();
    // With room again the next run goes on.
    let state = world.apply(vec![done("web")]).await;
    assert_eq!(world.load().await.unwrap().resources, state.resources);
    assert!(state.resources.len() == 2 && !state.intents.is_empty());
}

#[tokio::test]
async fn a_read_only_folder_can_be_planned_from() {
    let Some(mount) = Mount::new("512k") else { return };
    let world = World { folder: tempfile::tempdir_in(mount.0.path()).unwrap() };
    let state = world.apply(vec![done("net")]).await;
    mount.remount("ro");
    let before = world.files();
    assert_eq!(world.load().await.unwrap().resources, state.resources);
    assert!(world.store().verify("shop", "dev").await.unwrap().problems.is_empty());
    assert!(world.store().preview_restore("shop", "dev", 1).await.is_ok());
    let opened = world.open("up").await.err().unwrap();
    let holder = crate::world::holder("state restore");
    let restored = world.store().restore(&holder, "shop", "dev", crate::world::TTL, 1).await;
    for error in [opened, restored.unwrap_err()] {
        assert!(unusable(&error), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("shop/dev") && text.contains("can be written to"), "{text}");
    }
    assert!(before == world.files());
    mount.remount("rw");
    world.apply(vec![done("web")]).await;
}

#[tokio::test]
async fn a_file_where_the_folder_should_be() {
    let world = World { folder: tempfile::tempdir().unwrap() };
    std::fs::write(world.folder.path().join("shop"), "mine").unwrap();
    let error = world.open("up").await.err().unwrap();
    assert!(unusable(&error) || matches!(error, StateError::Io { .. }), "{error:?}");
    assert!(error.to_string().contains("shop"), "{error}");
    assert_eq!(std::fs::read(world.folder.path().join("shop")).unwrap(), b"mine");
}
