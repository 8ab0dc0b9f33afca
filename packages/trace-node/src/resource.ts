import type { Attributes } from '@opentelemetry/api'
import {
  defaultResource,
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'

/** Version and environment, the same for spans, faults, log lines and the health check. */
export type About = { readonly version: string; readonly environment: string }

const given = (): Attributes => detectResources({ detectors: [resourceAttributesEnvDetector] }).attributes

/** OTEL_RESOURCE_ATTRIBUTES overrides what the application says. */
export const aboutThisProcess = (fallback: About): About => {
  const {
    'service.version': version = fallback.version,
    'deployment.environment.name': environment = fallback.environment,
  } = given()
  return { version: String(version), environment: String(environment) }
}

/** The SDK's detectors override this resource, and OTEL_RESOURCE_ATTRIBUTES overrides both. */
export const resourceOf = ({ version, environment }: About): Resource =>
  defaultResource().merge(
    resourceFromAttributes({
      'service.name': process.env.OTEL_SERVICE_NAME,
      'service.version': version,
      'deployment.environment.name': environment,
    }),
  )

const ofThisProcess = /^service\.(name|version|instance\.id)$|^(telemetry|process|host|os|container|k8s|cloud|faas)\./

/** The attributes that the pages share with their backend: how and where both are deployed. */
export const deploymentOf = ({ environment }: About): Attributes => ({
  'deployment.environment.name': environment,
  ...Object.fromEntries(Object.entries(given()).filter(([key]) => !ofThisProcess.test(key))),
})
