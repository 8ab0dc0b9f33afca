export const NotificationList = () => null
