//! What a container asks of the kernel.

use crate::prelude::*;

/// What only Linux has.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct LinuxParameters {
    /// Kernel capabilities. Default: Docker's.
    pub capabilities: Option<KernelCapabilities>,
    /// Devices of the container instance; not on Fargate.
    #[field(set)]
    pub devices: Option<Vec<Device>>,
    /// An init process that passes signals on and reaps what has ended. Default: false.
    pub init_process_enabled: Option<bool>,
    /// MiB of `/dev/shm`; not on Fargate.
    pub shared_memory_size: Option<i32>,
    /// File systems in memory; not on Fargate.
    #[field(by("container_path"))]
    pub tmpfs: Option<Vec<Tmpfs>>,
    /// MiB of swap; not on Fargate.
    pub max_swap: Option<i32>,
    /// 0 (swap only when it must) to 100; not on Fargate. Default: 60.
    pub swappiness: Option<i32>,
}

/// Kernel capabilities, such as `SYS_PTRACE` or `ALL`.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct KernelCapabilities {
    /// More than Docker gives; Fargate takes `SYS_PTRACE` only.
    #[field(set)]
    pub add: Option<Vec<String>>,
    /// Fewer than Docker gives.
    #[field(set)]
    pub drop: Option<Vec<String>>,
}

/// A device of the container instance.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Device {
    /// Path on the container instance.
    pub host_path: String,
    /// Path in the container. Default: the same.
    pub container_path: Option<String>,
    /// `read`, `write`, `mknod`. Default: all.
    #[field(set)]
    pub permissions: Option<Vec<String>>,
}

/// A file system in memory.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Tmpfs {
    /// Path in the container.
    pub container_path: String,
    /// MiB.
    pub size: i32,
    /// Options of mount, such as `noexec`.
    #[field(set)]
    pub mount_options: Option<Vec<String>>,
}

/// A limit of the kernel.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Ulimit {
    /// `nofile` and others; Fargate takes `nofile` only.
    pub name: String,
    /// Limit that a process may raise up to the hard one.
    pub soft_limit: i32,
    /// Limit that it may not raise.
    pub hard_limit: i32,
}

/// GPUs that a container gets.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ResourceRequirement {
    /// `GPU`.
    pub r#type: String,
    /// How many.
    pub value: String,
}
