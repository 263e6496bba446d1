mod fixture;

fn main() {
    let _ = fixture::Network::builder().mtu(1500).build();
}
