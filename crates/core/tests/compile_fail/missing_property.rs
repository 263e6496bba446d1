mod fixture;

fn program(stack: &ferrocrete_core::Stack) {
    stack.add("net", fixture::Network::builder().mtu(1500));
}

fn main() {}
