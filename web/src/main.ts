import { createApp } from 'vue'
import App from '@/screens/App.vue'
import { phone } from '@/phone'

createApp(App).mount('#app')
void phone.start()
