//! Which frames are not the application's own: those of the language and of
//! well-known frameworks. Where an error is told from another they say nothing, since
//! all errors of an application go through them.

/// Names that functions of libraries begin with, in order of the language.
const FUNCTIONS: [&str; 75] = [
    // Java, Kotlin, Scala, Clojure, Groovy: the platform.
    "java.",
    "javax.",
    "jakarta.",
    "jdk.",
    "sun.",
    "com.sun.",
    "kotlin.",
    "kotlinx.",
    "scala.",
    "clojure.",
    "groovy.",
    // Their frameworks, servers, pools and drivers.
    "org.springframework.",
    "org.apache.",
    "org.hibernate.",
    "org.eclipse.",
    "org.jboss.",
    "org.postgresql.",
    "org.junit.",
    "org.aspectj.",
    "io.netty.",
    "io.undertow.",
    "io.grpc.",
    "io.micrometer.",
    "io.micronaut.",
    "io.quarkus.",
    "io.vertx.",
    "io.ktor.",
    "io.reactivex.",
    "reactor.",
    "akka.",
    "com.zaxxer.",
    "com.mysql.",
    "com.fasterxml.",
    "com.google.common.",
    "com.google.inject.",
    "okhttp3.",
    "retrofit2.",
    "feign.",
    // Go's runtime and servers; other packages are known by their paths.
    "runtime.",
    "runtime/",
    "panic(",
    "net/http.",
    "reflect.",
    "testing.",
    "created by ",
    // .NET.
    "System.",
    "Microsoft.",
    "lambda_method",
    "Npgsql.",
    // Rust.
    "std::",
    "core::",
    "alloc::",
    "<alloc::",
    "<core::",
    "<std::",
    "tokio::",
    "<tokio::",
    "futures_",
    "rust_begin_unwind",
    "rust_panic",
    "__rust_",
    "_rust_",
    "backtrace::",
    "anyhow::",
    "<anyhow::",
    // C and C++.
    "__libc_",
    "__GI_",
    "__cxa_",
    "__cxxabiv1::",
    "__gnu_cxx::",
    "__asan_",
    "__interceptor_",
    "__restore_rt",
    "_start",
    "start_thread",
];

/// What is in the names of functions that nobody wrote: a virtual machine, a proxy or
/// a mapper makes them, with a number or a hash of its own at each start. What they
/// call is a frame of its own.
const GENERATED: [&str; 14] = [
    // Java's lambdas and reflection.
    "$$Lambda",
    "GeneratedMethodAccessor",
    "GeneratedConstructorAccessor",
    "GeneratedSerializationConstructorAccessor",
    "$Proxy",
    // Spring, CGLIB, Guice.
    "$$EnhancerBy",
    "$$FastClassBy",
    "$$SpringCGLIB",
    // Javassist, Hibernate, ByteBuddy, Mockito, Quarkus and Weld.
    "_$$_",
    "$HibernateProxy$",
    "$ByteBuddy$",
    "$MockitoMock$",
    "_ClientProxy.",
    // .NET.
    "Castle.Proxies.",
];

/// Functions of C's library whose names others' begin with.
const WHOLE: [&str; 4] = ["raise", "abort", "clone", "clone3"];

/// What is in the paths of libraries' files.
const PATHS: [&str; 21] = [
    // Python.
    "/site-packages/",
    "/dist-packages/",
    "/lib/python2",
    "/lib/python3",
    "<frozen ",
    "<string>",
    // Node and browsers.
    "/node_modules/",
    "\\node_modules\\",
    "node:",
    "<anonymous>",
    // Go: the language, and modules of others.
    "/usr/local/go/src/",
    "/libexec/src/",
    "/pkg/mod/",
    // Ruby.
    "/gems/",
    "/lib/ruby/",
    "<internal:",
    // PHP.
    "/vendor/",
    // Rust.
    "/rustc/",
    "/.cargo/registry/",
    // C and C++.
    "/lib/x86_64",
    "/usr/include/",
];

/// Whether a frame with this function in this file is a library's.
pub(super) fn is_library(function: &str, path: &str) -> bool {
    FUNCTIONS.iter().any(|start| function.starts_with(start))
        || GENERATED.iter().any(|part| function.contains(part))
        || WHOLE.contains(&function)
        || PATHS.iter().any(|part| path.contains(part))
        // Node's, of old; in Go and elsewhere it is a folder of the application.
        || path.starts_with("internal/")
        // Python's on Windows.
        || path.contains("\\Lib\\") && path.contains(".py")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_languages_and_frameworks_are_passed_over() {
        for (function, path, library) in [
            ("java.util.ArrayList.get", "ArrayList.java:427", true),
            ("com.example.shop.Cart.total", "Cart.java:10", false),
            ("handler", "/usr/lib/python3.12/site-packages/flask/app.py", true),
            ("handler", "/app/shop/cart.py", false),
            ("Layer.handle", "/srv/node_modules/express/lib/router/layer.js:95:5", true),
            ("processTicksAndRejections", "node:internal/process/task_queues:95:5", true),
            ("main.main", "/app/main.go:9", false),
            ("runtime.gopanic", "/usr/local/go/src/runtime/panic.go:770", true),
            ("std::rt::lang_start", "", true),
            ("shop::cart::total", "src/cart.rs", false),
            ("com.example.Cart$$Lambda/0x00007f01c8.apply", "Unknown Source", true),
            ("com.example.Cart$$Lambda$123/0x0000000800c03000.apply", "Unknown Source", true),
            ("com.example.Cart$$EnhancerBySpringCGLIB$$3f2a.total", "<generated>", true),
            ("com.example.Cart$$SpringCGLIB$$0.total", "<generated>", true),
            ("com.example.$Proxy12.total", "Unknown Source", true),
            ("com.example.Cart.lambda$main$0", "Cart.java:10", false),
            ("com.example.Proxy.total", "Proxy.java:10", false),
        ] {
            assert_eq!(is_library(function, path), library, "{function} {path}");
        }
    }
}
