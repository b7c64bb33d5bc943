#include "pack/texts.h"

#include <algorithm>

#include "base/json.h"
#include "pack/targets.h"

namespace wherry::pack {

namespace {

using function::FunctionManifest;

constexpr std::string_view kStateRoot = "/var/lib/";

// Linear memory of one call, and room for the host and what is kept ready.
uint64_t memory_mib(const FunctionManifest& function) {
  constexpr uint64_t kHostMib = 64;
  return kHostMib + std::max<uint64_t>(function.options.limits.memory_bytes >> 20, 64);
}

uint64_t timeout_s(const FunctionManifest& function) {
  return static_cast<uint64_t>((function.options.limits.time.count() + 999) / 1000);
}

// A text that YAML could take for a number, a truth value or a date is put in quotes.
std::string yaml_text(const std::string& text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_plain = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  constexpr std::string_view kWords[] = {"true", "false", "yes", "no", "on",
                                         "off",  "null",  "y",   "n"};
  std::string lower = text;
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  const bool is_safe = !text.empty() && is_letter(text[0]) && std::ranges::all_of(text, is_plain) &&
                       std::ranges::find(kWords, lower) == std::end(kWords);
  return is_safe ? text : write_json(text);
}

// The variables that the secrets come from.
std::string environment_yaml(const FunctionManifest& function, const std::string& indent) {
  std::string text;
  for (const auto& [name, secret] : function.secrets) {
    text += fmt::format(
        "{0}- name: {1}\n{0}  valueFrom:\n{0}    secretKeyRef:\n"
        "{0}      name: {2}\n{0}      key: {1}\n",
        indent, yaml_text(secret.environment), yaml_text(plain_name(function.options.name)));
  }
  return text.empty() ? "" : indent.substr(2) + "env:\n" + text;
}

}  // namespace

std::string knative_service(const FunctionManifest& function) {
  return fmt::format(R"(# For Knative: kubectl apply -f service.yaml
# For Cloud Run: gcloud run services replace service.yaml
# `image` is where image.tar was pushed to.
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: {name}
spec:
  template:
    spec:
      containerConcurrency: {concurrency}
      timeoutSeconds: {timeout}
      containers:
        - image: REGISTRY/{image}:latest
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet:
              path: /healthz
              port: 8080
          resources:
            limits:
              cpu: "1"
              memory: {memory}Mi
{environment})",
                     fmt::arg("name", yaml_text(plain_name(function.options.name))),
                     fmt::arg("image", plain_name(function.options.name)),
                     fmt::arg("concurrency", std::min(function.concurrency, 1000u)),
                     fmt::arg("timeout", std::min<uint64_t>(timeout_s(function), 3600)),
                     fmt::arg("memory", memory_mib(function)),
                     fmt::arg("environment", environment_yaml(function, std::string(12, ' '))));
}

std::string kubernetes_objects(const FunctionManifest& function) {
  return fmt::format(
      R"(# kubectl apply -f deployment.yaml; `image` is where image.tar was pushed to.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels:
    app: {name}
spec:
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: {grace}
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: {name}
          image: REGISTRY/{image}:latest
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet:
              path: /healthz
              port: 8080
            periodSeconds: 2
          livenessProbe:
            httpGet:
              path: /healthz
              port: 8080
          resources:
            requests:
              cpu: 100m
              memory: 32Mi
            limits:
              memory: {memory}Mi
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: ["ALL"]
{environment}---
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector:
    app: {name}
  ports:
    - port: 80
      targetPort: 8080
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {name}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {name}
  minReplicas: 1
  maxReplicas: 10
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 80
)",
      fmt::arg("name", yaml_text(plain_name(function.options.name))),
      fmt::arg("image", plain_name(function.options.name)),
      fmt::arg("grace", timeout_s(function) + 5), fmt::arg("memory", memory_mib(function)),
      fmt::arg("environment", environment_yaml(function, std::string(12, ' '))));
}

std::string azure_host() {
  return R"({
  "version": "2.0",
  "logging": { "logLevel": { "default": "Information" } },
  "extensions": { "http": { "routePrefix": "" } },
  "customHandler": {
    "description": { "defaultExecutablePath": "handler", "workingDirectory": "", "arguments": [] },
    "enableForwardingHttpRequest": true
  }
}
)";
}

std::string azure_function() {
  return R"({
  "bindings": [
    {
      "type": "httpTrigger",
      "direction": "in",
      "name": "req",
      "authLevel": "function",
      "route": "{*path}",
      "methods": ["get", "head", "post", "put", "patch", "delete", "options"]
    },
    { "type": "http", "direction": "out", "name": "res" }
  ]
}
)";
}

std::string state_directory(const FunctionManifest& function, size_t index) {
  return fmt::format("{}{}/{}", kStateRoot, plain_name(function.options.name), index);
}

std::string systemd_service(const FunctionManifest& function) {
  const std::string name = plain_name(function.options.name);
  std::string secrets;
  std::string state;  // what is written to; systemd makes it for the service's user
  for (const function::Directory& directory : function.options.directories) {
    if (!directory.host.starts_with(kStateRoot)) continue;
    state += (state.empty() ? "StateDirectory=" : " ") + directory.host.substr(kStateRoot.size());
  }
  if (!state.empty()) state += '\n';
  if (!function.secrets.empty()) secrets = fmt::format("EnvironmentFile=/etc/{}.env\n", name);
  return fmt::format(R"([Unit]
Description=The function {full_name}
Requires={name}.socket
After=network.target

[Service]
ExecStart=/opt/{name}/wherry-host
{secrets}{state}Type=simple
Restart=on-failure
TimeoutStopSec={grace}
DynamicUser=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0077
)",
                     fmt::arg("full_name", function.options.name), fmt::arg("name", name),
                     fmt::arg("secrets", secrets), fmt::arg("state", state),
                     fmt::arg("grace", timeout_s(function) + 5));
}

std::string systemd_socket(const FunctionManifest& function) {
  return fmt::format(R"([Unit]
Description=The socket of the function {}

[Socket]
ListenStream=127.0.0.1:8080

[Install]
WantedBy=sockets.target
)",
                     function.options.name);
}

}  // namespace wherry::pack
