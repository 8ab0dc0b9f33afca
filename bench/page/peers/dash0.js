// https://www.dash0.com/docs/dash0/miscellaneous/tooling/web-sdk/overview
import { init } from '@dash0/sdk-web'

init({ serviceName: 'shop-web', endpoint: { url: import.meta.env.VITE_SINK, authToken: 'a-token' } })
