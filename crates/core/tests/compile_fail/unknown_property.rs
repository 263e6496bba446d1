mod fixture;

fn program(stack: &ferrocrete_core::Stack) {
    stack.add("net", fixture::Network::builder().cidr_blok("10.0.0.0/16"));
}

fn main() {}
