# One build, three images: docker build --target controller|agent|demo .
FROM node:24-slim AS build
WORKDIR /src
COPY . .
RUN npm install --no-save && npx --no-install tsc -b && npm prune --omit=dev

FROM node:24-slim AS runtime
ENV NODE_ENV=production
WORKDIR /opt/fairlead
COPY --from=build --chown=root:root /src /opt/fairlead
RUN mkdir -p /var/lib/fairlead && chown node:node /var/lib/fairlead
ENV STATE_DIRECTORY=/var/lib/fairlead
USER node

FROM runtime AS controller
EXPOSE 8080 15012
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "apps/controller/bin/fairlead-controller.js"]
CMD ["start", "--listen", "0.0.0.0:8080", "--grpc-listen", "0.0.0.0:15012", "--insecure-plaintext"]

FROM runtime AS agent
EXPOSE 15001 15006 15021 15090
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:15021/healthz/ready').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "apps/agent/bin/fairlead-agent.js"]

FROM runtime AS demo
ENTRYPOINT ["node", "apps/demo/bin/fairlead-demo.js"]
