//! The terminal is closed, or whoever read the output has gone.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ferrocrete_sandbox::{Config, Fault, Slow};

use crate::interrupt::{goes_on, is_free};
use crate::lock::{HELD_UP, LAST, LONG, THINGS};
use crate::user::User;

// `script` of Linux gives the run a terminal; elsewhere its options differ.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_terminal_stops_waiting_and_the_next_run_goes_on() {
    let user = User::new("closed").await;
    let slow = Slow { rds: Duration::from_secs(15), ..Slow::none() };
    user.account.configure(Config { slow: Some(slow), ..Config::default() }).await.unwrap();
    let plain = user.command(&["up", "--yes"]);
    let words = std::iter::once(plain.get_program()).chain(plain.get_args());
    let words: Vec<String> = words.map(|w| format!("'{}'", w.to_str().unwrap())).collect();
    let mut terminal = Command::new("script");
    terminal
        .args(["--quiet", "--command"])
        .arg(format!("stty cols 200 rows 50; exec {}", words.join(" ")))
        .arg("/dev/null")
        .current_dir(user.folder.path())
        .env_clear()
        .env("TERM", "xterm")
        .envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut terminal = terminal.spawn().unwrap();
    let mut screen = terminal.stdout.take().unwrap();
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("waiting: creating") {
        let mut some = [0; 4096];
        let read = screen.read(&mut some).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&some[..read]);
    }
    let show = user.expect(0, &["backend", "show"]);
    let pid = show.split_once("(pid ").and_then(|(_, rest)| rest.split_once(')')).unwrap().0;
    terminal.kill().unwrap();
    terminal.wait().unwrap();
    // Nobody's child any more, so nobody is told of its end.
    while std::path::Path::new(&format!("/proc/{pid}/exe")).exists() {
        tokio::task::yield_now().await;
    }
    is_free(&user);
    assert!(user.expect(0, &["state", "list"]).contains("HostedZone"), "it is recorded");
    goes_on(&user).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_signal_does_the_same_without_a_terminal() {
    let user = User::new("hangup").await;
    let slow = Slow { rds: Duration::from_secs(15), ..Slow::none() };
    user.account.configure(Config { slow: Some(slow), ..Config::default() }).await.unwrap();
    let mut run = user.start(&["up", "--yes"]);
    run.wait_for("AWS::RDS::DBInstance database/postgres … waiting: creating");
    // The shell sends one, and the system sends another.
    run.signal("HUP");
    run.signal("HUP");
    let text = run.end(129);
    assert!(text.contains("stopping now: ") && text.contains(" 1 still open. Run `up`"), "{text}");
    is_free(&user);
    goes_on(&user).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_reads_any_more_goes_on_to_its_end() {
    for verbose in ["-v", "--json"] {
        let user = User::new("unread").await;
        user.account.faults([Fault::delay_before(HELD_UP, LONG)]).await.unwrap();
        let mut command = user.command(&["up", "--yes", verbose]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (mut read, left): (Box<dyn BufRead>, Box<dyn Read>) = match verbose {
            "--json" => (Box::new(BufReader::new(out)), Box::new(err)),
            _ => (Box::new(BufReader::new(err)), Box::new(out)),
        };
        let last = if verbose == "--json" { "AWS::EC2::EIPAssociation" } else { LAST };
        let mut line = String::new();
        while !(line.contains(last) && (line.contains("done") || line.contains("finished"))) {
            line.clear();
            assert!(read.read_line(&mut line).unwrap() > 0);
        }
        drop((read, left));
        // A warning that nobody can read is no reason to end, either.
        let lost = Fault::status("UpdateItem", 500, "InternalServerError").times(4);
        user.account.faults([lost]).await.unwrap();
        let began = Instant::now();
        while user.account.faults_hit().await.unwrap() < 5 {
            assert!(began.elapsed() < Duration::from_secs(60), "the heart beats on");
        }
        user.account.reset_faults().await.unwrap();
        let ended = child.wait().unwrap();
        assert_eq!(ended.code(), Some(0), "{verbose}");
        is_free(&user);
        user.expect(0, &["plan", "--exit-code"]);
        assert_eq!(user.leftovers().await.len(), THINGS);
    }
}
