import axios, { AxiosInstance } from 'axios';
import { config } from '../config';

export class MapsClient {
  private http: AxiosInstance;

  constructor() {
    this.http = axios.create({ baseURL: config.mapsBaseUrl, timeout: 4000 });
  }

  async geocode(address: string) {
    const { data } = await this.http.get('/geocode', { params: { q: address } });
    return data;
  }

  async tile(url: string) {
    const response = await axios({ method: 'get', url, responseType: 'arraybuffer' });
    return Buffer.from(response.data);
  }

  async webhook(target: { url: string; secret?: string }, payload: unknown) {
    const parsed = new URL(target.url);
    if (parsed.protocol !== 'https:') {
      throw new Error('https only');
    }
    return axios.post(target.url, payload, { headers: { 'X-Secret': target.secret ?? '' } });
  }
}
