//! A cloud in memory, with two resource types.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use ferrocrete_cli::{Io, Outcome, Runner};
use ferrocrete_core::error::{ErrorKind, OpError};
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::resource::{
    Changes, Connector, Cx, Inventory, Live, Made, Namespace, Owned, Progress, ProviderConfig,
    ReadRequest, Registry, Resource, Tags,
};
use ferrocrete_core::{Error, Output, Outputs, Resource as DeriveResource, Secret, Stack};
use serde::{Deserialize, Serialize};

/// A value that must be found nowhere.
pub const PASSWORD: &str = "hunter2-plain";

/// What exists, and what goes wrong.
#[derive(Clone, Default)]
pub struct Cloud {
    pub items: Arc<Mutex<BTreeMap<String, serde_json::Value>>>,
    pub no_credentials: bool,
    /// Creates of servers fail.
    pub broken: bool,
    /// Raised when a network is created: Ctrl-C in the middle.
    pub interrupt: Option<Interrupt>,
}

impl Cloud {
    fn insert(&self, kind: &str, value: &impl Serialize) -> String {
        let mut items = self.items.lock().unwrap();
        let id = (1..).map(|n| format!("{kind}-{n}")).find(|id| !items.contains_key(id)).unwrap();
        items.insert(id.clone(), serde_json::to_value(value).unwrap());
        id
    }

    fn read<R: for<'de> Deserialize<'de>>(&self, id: &str) -> Option<R> {
        let items = self.items.lock().unwrap();
        items.get(id).map(|v| serde_json::from_value(v.clone()).unwrap())
    }

    pub fn ids(&self) -> Vec<String> {
        self.items.lock().unwrap().keys().cloned().collect()
    }
}

#[async_trait::async_trait]
impl Inventory for Cloud {
    fn covers(&self, type_name: &str) -> bool {
        type_name.starts_with("Fake::")
    }

    async fn owned(
        &self,
        _: &ProviderConfig,
        project: &str,
        stack: &str,
    ) -> Result<Vec<Owned>, OpError> {
        let owned = |(id, item): (&String, &serde_json::Value)| {
            let tag = |name: &str| item["tags"][format!("ferrocrete:{name}")].as_str();
            let ours = tag("project") == Some(project) && tag("stack") == Some(stack);
            let owner = tag("urn").filter(|_| ours)?.to_owned();
            Some(Owned { owner, name: id.clone(), lingering: None })
        };
        Ok(self.items.lock().unwrap().iter().filter_map(owned).collect())
    }
}

impl Connector for Cloud {
    type Cloud = Cloud;

    async fn connect(&self, _: &ProviderConfig) -> Result<Cloud, OpError> {
        Ok(self.clone())
    }

    async fn namespace(&self, _: &ProviderConfig) -> Result<Namespace, OpError> {
        if self.no_credentials {
            return Err(OpError::new(ErrorKind::NoCredentials, "no providers in the chain"));
        }
        Ok(Namespace { account: "111122223333".into(), region: "eu-central-1".into() })
    }
}

/// A network.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Network", outputs = NetworkOutputs)]
pub struct Network {
    /// Range. Replaces.
    #[field(replaces)]
    pub cidr: String,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Outputs of a network.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct NetworkOutputs {
    /// Id.
    pub network_id: String,
}

/// A server.
#[derive(Clone, Serialize, Deserialize, DeriveResource)]
#[resource(type = "Fake::Server", outputs = ServerOutputs)]
pub struct Server {
    /// Where. Replaces.
    #[field(replaces)]
    pub network_id: String,
    /// Size.
    pub size: i32,
    /// Password.
    #[field(secret)]
    pub password: Option<String>,
    /// Tags.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Outputs of a server.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ServerOutputs {
    /// Id.
    pub server_id: String,
}

impl Resource for Network {
    type Cloud = Cloud;

    async fn create(&self, cx: &Cx<Cloud>) -> Result<Made<Self>, OpError> {
        if let Some(interrupt) = &cx.interrupt {
            interrupt.raise();
        }
        let id = cx.insert("net", self);
        Ok(Made::Ready(id.clone(), NetworkOutputs { network_id: id }))
    }

    async fn read(
        cloud: &Cloud,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let live = |id: &String| {
            Some(Live::ready(cloud.read(id)?, NetworkOutputs { network_id: id.clone() }))
        };
        Ok(items.iter().map(|i| live(&i.id)).collect())
    }

    async fn find(&self, _: &Cx<Cloud>) -> Result<Option<String>, OpError> {
        Ok(None)
    }

    async fn update(
        &self,
        cx: &Cx<Cloud>,
        id: &str,
        _: &Self,
        _: &Changes,
    ) -> Result<Progress, OpError> {
        cx.items.lock().unwrap().insert(id.into(), serde_json::to_value(self).unwrap());
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Cloud>, id: &str) -> Result<Progress, OpError> {
        cx.items.lock().unwrap().remove(id);
        Ok(Progress::Done)
    }
}

impl Resource for Server {
    type Cloud = Cloud;

    async fn create(&self, cx: &Cx<Cloud>) -> Result<Made<Self>, OpError> {
        if cx.broken {
            let mut error = OpError::new(ErrorKind::Invalid, "no room left");
            error.code = Some("NoRoom".into());
            error.operation = "fake:CreateServer".into();
            return Err(error);
        }
        let id = cx.insert("srv", self);
        Ok(Made::Ready(id.clone(), ServerOutputs { server_id: id }))
    }

    async fn read(
        cloud: &Cloud,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        let live = |id: &String| {
            Some(Live::ready(cloud.read(id)?, ServerOutputs { server_id: id.clone() }))
        };
        Ok(items.iter().map(|i| live(&i.id)).collect())
    }

    async fn find(&self, _: &Cx<Cloud>) -> Result<Option<String>, OpError> {
        Ok(None)
    }

    async fn update(
        &self,
        cx: &Cx<Cloud>,
        id: &str,
        _: &Self,
        _: &Changes,
    ) -> Result<Progress, OpError> {
        cx.items.lock().unwrap().insert(id.into(), serde_json::to_value(self).unwrap());
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Cloud>, id: &str) -> Result<Progress, OpError> {
        cx.items.lock().unwrap().remove(id);
        Ok(Progress::Done)
    }
}

/// Configuration of the program under test.
#[derive(Deserialize)]
pub struct Config {
    pub cidr: String,
    pub size: i32,
    pub password: Secret,
}

/// The program under test.
pub async fn program(stack: Stack, config: Config) -> Result<(), Error> {
    let network = stack.add("net", Network::builder().cidr(config.cidr));
    let server = stack.add(
        "web",
        Server::builder()
            .network_id(&network.network_id)
            .size(config.size)
            .password(&config.password),
    );
    stack.export("server_id", &server.server_id);
    stack.export("password", &config.password);
    Ok(())
}

/// A program whose stack `global` has what the others share.
pub async fn shared(stack: Stack, config: Config) -> Result<(), Error> {
    if stack.name() == "global" {
        let network = stack.add("net", Network::builder().cidr(config.cidr));
        stack.export("network_id", &network.network_id);
        stack.export("password", &config.password);
        return Ok(());
    }
    let global = stack.reference("global");
    let network_id: Output<String> = global.output("network_id");
    let password: Output<String> = global.output("password");
    let server = Server::builder().network_id(&network_id).size(config.size).password(&password);
    stack.add("web", server);
    Ok(())
}

/// A folder with a configuration, and a cloud.
pub struct World {
    pub folder: tempfile::TempDir,
    pub cloud: Cloud,
}

impl World {
    pub fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap(), cloud: Cloud::default() };
        world.file("stack.dev.toml", "cidr = \"10.0.0.0/16\"\nsize = 1\n");
        world
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub fn file(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub fn io(&self) -> Io {
        Io::captured()
            .cwd(self.path())
            .env("USER", "anna")
            .env("HOSTNAME", "build-7")
            .env("FERROCRETE_CONFIG_PASSWORD", PASSWORD)
    }

    pub fn runner(&self) -> Runner<Config> {
        let types = Registry::builder(self.cloud.clone())
            .resource::<Network>()
            .resource::<Server>()
            .build()
            .with_inventory(Arc::new(self.cloud.clone()));
        Runner::new("shop").config::<Config>().registry(types).secret_keys(["password"])
    }

    pub fn run(&self, line: &str) -> Outcome {
        self.run_with(line, self.io())
    }

    pub fn run_with(&self, line: &str, io: Io) -> Outcome {
        self.run_program(line, io, program)
    }

    pub fn run_program(
        &self,
        line: &str,
        io: Io,
        program: impl AsyncFn(Stack, Config) -> Result<(), Error>,
    ) -> Outcome {
        let args: Vec<&str> = line.split_whitespace().collect();
        let outcome = self.runner().run_from(&args, io, program);
        assert!(!outcome.stderr.contains(PASSWORD), "{}", outcome.stderr);
        if !line.contains("--show-secrets") {
            assert!(!outcome.stdout.contains(PASSWORD), "{}", outcome.stdout);
        }
        outcome
    }
}
