//! State in the sandbox's own S3 and DynamoDB. Needs Python, and at first use a network.

use ferrocrete_cli::Io;

use crate::fake::World;

/// Stops the test's own sandbox, whatever happens.
struct Own<'a>(&'a World, String);

impl Own<'_> {
    fn io(&self) -> Io {
        self.0.io().env("FERROCRETE_SANDBOX_NAME", &self.1)
    }
}

impl Drop for Own<'_> {
    fn drop(&mut self) {
        self.0.run_with("sandbox stop", self.io());
    }
}

#[test]
fn a_sandbox_keeps_state_and_says_when_it_forgot() {
    let world = World::new();
    let own = Own(&world, format!("cli-test-{}", std::process::id()));
    let status = world.run_with("sandbox status --json", own.io());
    assert_eq!(status.code, 1);
    assert!(status.stdout.contains(r#""running":false"#), "{}", status.stdout);

    let up = world.run_with("up --sandbox --yes", own.io());
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    let show = world.run_with("backend show --sandbox", own.io()).stdout;
    assert!(show.starts_with("backend   s3://ferrocrete-state-"), "{show}");
    assert!(show.contains("lock      free"), "{show}");
    let again = world.run_with("up --sandbox --yes", own.io());
    assert!(again.stdout.starts_with("No changes."), "{}", again.stdout);
    assert!(!again.stderr.contains("forgotten"), "{}", again.stderr);

    let status = world.run_with("sandbox status", own.io());
    assert!(status.stdout.contains("export AWS_ENDPOINT_URL=http://127.0.0.1:"));
    let json = world.run_with("sandbox status --json", own.io()).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["env"]["AWS_REGION"], json["region"]);

    assert_eq!(world.run_with("sandbox stop", own.io()).stdout, "the sandbox stopped\n");
    let fresh = world.run_with("plan --sandbox", own.io());
    let says = "the sandbox was restarted and has forgotten its resources; starting afresh";
    assert!(fresh.stderr.contains(says), "{}", fresh.stderr);
    assert!(fresh.stdout.ends_with("Plan: 2 to create.\n"), "{}", fresh.stdout);
    let once = world.run_with("plan --sandbox", own.io());
    assert!(!once.stderr.contains("forgotten"), "{}", once.stderr);
}
